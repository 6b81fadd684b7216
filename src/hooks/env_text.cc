#include "hooks/env_text.h"

#include <algorithm>

namespace segue::hooks {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t";

bool is_name_start(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}
bool is_name_part(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

std::size_t after_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(blanks, at), text.size());
}

// Where the line that holds `at` ends, its line end included.
std::size_t line_stop(std::string_view text, std::size_t at) {
  const auto end = text.find('\n', at);
  return end == npos ? text.size() : end + 1;
}

// Just after the quote that closes the one at `at`; npos where none does.
std::size_t after_quote(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (text[at] == quote) return at + 1;
    if (text[at] == '\\' && quote != '\'') ++at;
  }
  return npos;
}

// The bytes at the end of `all` that end its line.
std::string_view line_end_of(std::string_view all) {
  std::size_t size = 0;
  if (all.ends_with('\n')) size = 1;
  if (all.substr(0, all.size() - size).ends_with('\r')) ++size;
  return all.substr(all.size() - size);
}

struct NamePlace {
  std::size_t name = 0, name_end = 0, value = 0;  // value 0: no assignment
};

// [export] NAME =
NamePlace find_name(std::string_view line) {
  auto at = after_blanks(line, 0);
  constexpr std::string_view word = "export";
  const auto after_word = after_blanks(line, at + word.size());
  if (line.substr(at).starts_with(word) && after_word > at + word.size()) at = after_word;
  if (at >= line.size() || !is_name_start(line[at])) return {};
  auto end = at;
  while (end < line.size() && is_name_part(line[end])) ++end;
  const auto sign = after_blanks(line, end);
  if (sign >= line.size() || line[sign] != '=') return {};
  return {at, end, sign + 1};
}

EnvEntry read_entry(std::string_view text, std::size_t start) {
  EnvEntry entry;
  auto stop = line_stop(text, start);
  auto line = text.substr(start, stop - start);
  const auto place = find_name(line);
  if (place.value > 0) {
    const auto first = after_blanks(text, start + place.value);
    const bool quoted = first < text.size() && std::string_view("\"'`").find(text[first]) != npos;
    const auto closed = quoted ? after_quote(text, first) : first;
    entry.quote_is_open = closed == npos;
    if (quoted && closed != npos) stop = line_stop(text, closed - 1);
  }
  entry.all = text.substr(start, stop - start);
  entry.line_end = line_end_of(entry.all);
  const auto content = entry.all.substr(0, entry.all.size() - entry.line_end.size());
  if (place.value > 0) {
    entry.name = entry.all.substr(place.name, place.name_end - place.name);
    entry.value = content.substr(place.value);
  }
  const auto first = after_blanks(content, 0);
  entry.continues = content.ends_with('\\') && content[first] != '#';
  return entry;
}

}  // namespace

std::vector<EnvEntry> read_env(std::string_view text) {
  std::vector<EnvEntry> entries;
  std::size_t at = 0, line = 1;
  if (text.starts_with(byte_order_mark)) {
    entries.emplace_back().all = text.substr(0, byte_order_mark.size());
    at = byte_order_mark.size();
  }
  while (at < text.size()) {
    auto entry = read_entry(text, at);
    entry.line = line;
    line += static_cast<std::size_t>(std::count(entry.all.begin(), entry.all.end(), '\n'));
    at += entry.all.size();
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace segue::hooks
