#include "migration/value.h"

#include <algorithm>

namespace segue::migration {
namespace {

int signs(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Positions in one text, asked for from front to back.
class Walker {
 public:
  explicit Walker(const Text& text) : text_(text), here_(text.body.known() ? text.body : text.at) {}

  Position position_at(std::size_t offset) {
    if (!text_.exact) return here_;
    const auto passed = std::string_view(text_.value).substr(seen_, offset - seen_);
    const auto last_break = passed.rfind('\n');
    if (last_break == std::string_view::npos) {
      here_.column += signs(passed);
    } else {
      here_.line += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
      here_.column = text_.indent + 1 + signs(passed.substr(last_break + 1));
    }
    seen_ += passed.size();
    return here_;
  }

 private:
  const Text& text_;
  Position here_;
  std::size_t seen_ = 0;
};

// Past the SQL comment that begins at `at`; `at` itself if none does.
std::size_t past_comment(std::string_view text, std::size_t at) {
  const auto two = text.substr(at, 2);
  if (two == "--") return std::min(text.find('\n', at), text.size());
  if (two != "/*") return at;
  const auto end = text.find("*/", at + 2);
  return end == std::string_view::npos ? text.size() : end + 2;
}

// Past the string or quoted name that begins at `at`, or npos if it has no end. A doubled quote needs no care: it ends
// one string and begins the next.
std::size_t past_quoted(std::string_view text, std::size_t at) {
  const auto end = text.find(text[at], at + 1);
  return end == std::string_view::npos ? end : end + 1;
}

// The place of the } that belongs to the { before `at`, or npos.
std::size_t closing_brace(std::string_view text, std::size_t at) {
  for (int depth = 1; at < text.size();) {
    const char c = text[at];
    if (c == '\'' || c == '"') {
      at = past_quoted(text, at);
      if (at == std::string_view::npos) return at;
      continue;
    }
    if (const auto past = past_comment(text, at); past != at) {
      at = past;
      continue;
    }
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    if (depth == 0) return at;
    ++at;
  }
  return std::string_view::npos;
}

}  // namespace

Position position_in(const Text& text, std::size_t offset) {
  return Walker(text).position_at(offset);
}

bool names_a_variable(std::string_view inside) {
  constexpr std::string_view signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
  return !inside.empty() && inside.find_first_not_of(signs) == std::string_view::npos &&
         (inside[0] < '0' || inside[0] > '9');
}

std::vector<Placeholder> find_placeholders(const Text& text) {
  const std::string_view all = text.value;
  std::vector<Placeholder> found;
  Walker walker(text);
  char quote = 0;  // the string that we are in: a comment does not begin there, a placeholder may
  for (std::size_t at = all.find("${") == std::string_view::npos ? all.size() : 0; at < all.size();) {
    if (all.substr(at, 2) == "${") {
      const auto end = closing_brace(all, at + 2);
      const bool closed = end != std::string_view::npos;
      Placeholder placeholder;
      placeholder.inside = std::string(all.substr(at + 2, closed ? end - at - 2 : 0));
      placeholder.is_first = placeholder.inside == "first";
      placeholder.offset = at;
      placeholder.length = closed ? end + 1 - at : 0;
      placeholder.at = walker.position_at(at);
      found.push_back(std::move(placeholder));
      if (!closed) return found;
      at = end + 1;
      continue;
    }
    if (const char c = all[at]; c == '\'' || c == '"') {
      quote = quote == 0 ? c : quote == c ? '\0' : quote;
    }
    if (quote == 0) {
      if (const auto past = past_comment(all, at); past != at) {
        at = past;
        continue;
      }
    }
    ++at;
  }
  return found;
}

}  // namespace segue::migration
