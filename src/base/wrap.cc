#include "base/wrap.h"

#include "base/text.h"

namespace segue {
namespace {

// The bytes at the beginning of the text that take at most `width` columns, one sign at least.
std::size_t bytes_that_fit(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  while (end < text.size()) {
    std::size_t next = end + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    if (end > 0 && display_width(text.substr(0, next)) > width) break;
    end = next;
  }
  return end;
}

}  // namespace

std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t indent) {
  std::vector<std::string> lines;
  std::string margin;
  while (display_width(text) + margin.size() > width) {
    const auto room = width > margin.size() + 8 ? width - margin.size() : 8;
    const auto fits = bytes_that_fit(text, room);
    const auto blank = text.substr(0, fits + 1).rfind(' ');
    const bool at_blank = blank != std::string_view::npos && blank > 0 && text.find_first_not_of(' ') < blank;
    const auto end = at_blank ? blank : fits;
    lines.push_back(margin + std::string(text.substr(0, end)));
    text.remove_prefix(at_blank ? end + 1 : end);
    margin.assign(indent, ' ');
  }
  if (!text.empty() || lines.empty()) lines.push_back(margin + std::string(text));
  return lines;
}

}  // namespace segue
