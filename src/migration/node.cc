#include "migration/node.h"

#include <fmt/format.h>

#include <algorithm>

namespace segue::migration {
namespace {

constexpr std::size_t most_bytes = 4 << 20;

// The length of the UTF-8 sign that begins at `at`; 0 if it is none (cut short, overlong, a surrogate, too large).
std::size_t sign_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const auto lead = byte(at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (length == 0 || lead > 0xF4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  }
  const auto second = byte(at + 1);
  const bool bad = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                   (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return bad ? 0 : length;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const auto& entry : entries) {
    if (entry.key.text == key) return &entry.value;
  }
  return nullptr;
}

Source::Source(std::string shown, std::string text) : shown_(std::move(shown)), text_(std::move(text)) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.erase(0, 3);
  lines_.push_back(0);
  for (auto at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) lines_.push_back(at + 1);
}

std::string_view Source::line(int number) const {
  if (number < 0 || static_cast<std::size_t>(number) >= lines_.size()) return {};
  const auto at = static_cast<std::size_t>(number);
  const auto end = at + 1 < lines_.size() ? lines_[at + 1] - 1 : text_.size();
  auto line = std::string_view(text_).substr(lines_[at], end - lines_[at]);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Position Source::position(Mark at) const {
  const auto whole = line(at.line);
  const auto column = std::min(static_cast<std::size_t>(std::max(0, at.column)), whole.size());
  if (at.line != last_.line || column < last_.bytes) last_ = {at.line, 0, 0};
  const auto passed = whole.substr(last_.bytes, column - last_.bytes);
  const auto signs = std::count_if(passed.begin(), passed.end(),
                                   [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  last_ = {at.line, column, last_.signs + static_cast<int>(signs)};
  return {shown_, at.line + 1, last_.signs + 1};
}

bool Source::is_closed(Mark at) const {
  if (line(at.line).size() <= static_cast<std::size_t>(at.column)) return true;
  auto place = lines_[static_cast<std::size_t>(at.line)] + static_cast<std::size_t>(at.column);
  const char quote = text_[place];
  if (quote != '"' && quote != '\'') return true;
  for (++place; place < text_.size(); ++place) {
    if (text_[place] == '\\' && quote == '"') {
      ++place;
    } else if (text_[place] == quote) {
      const bool doubled = quote == '\'' && place + 1 < text_.size() && text_[place + 1] == quote;
      if (!doubled) return true;
      ++place;
    }
  }
  return false;
}

bool Source::stands_at(std::string_view value, Mark at, int indent) const {
  int line_number = at.line;
  auto column = static_cast<std::size_t>(at.column);
  for (std::size_t from = 0;; ++line_number, column = static_cast<std::size_t>(indent)) {
    const auto end = value.find('\n', from);
    const auto piece = value.substr(from, end == std::string_view::npos ? end : end - from);
    const auto whole = line(line_number);
    const auto there = column <= whole.size() ? whole.substr(column) : std::string_view();
    if (end == std::string_view::npos) return there.starts_with(piece);
    if (there != piece) return false;
    from = end + 1;
  }
}

Text Source::text_of(const Node& scalar) const {
  Text text;
  text.value = scalar.text;
  text.at = text.body = position(scalar.at);
  const auto rest = line(scalar.at.line).substr(std::min(line(scalar.at.line).size(), std::size_t(scalar.at.column)));
  const char lead = rest.empty() ? '\0' : rest.front();
  if (scalar.quoted && (lead == '|' || lead == '>')) {
    const Mark first{scalar.at.line + 1, 0};
    int number = first.line;
    while (static_cast<std::size_t>(number) + 1 < lines_.size() &&
           line(number).find_first_not_of(' ') == std::string::npos) {
      ++number;
    }
    const auto indent = static_cast<int>(std::min(line(number).find_first_not_of(' '), line(number).size()));
    text.exact = stands_at(scalar.text, {first.line, indent}, indent);
    if (!text.exact) return text;
    text.indent = indent;
    text.body = {shown_, first.line + 1, indent + 1};
    return text;
  }
  const Mark first{scalar.at.line, scalar.at.column + (scalar.quoted && (lead == '"' || lead == '\'') ? 1 : 0)};
  text.exact = stands_at(scalar.text, first, 0);
  if (text.exact) text.body = position(first);
  return text;
}

Problems check_bytes(const Source& source) {
  const std::string_view text = source.text();
  if (text.size() > most_bytes) {
    return {{"too-large",
             {source.shown(), 1, 1},
             fmt::format("the file has {} bytes; at most {} are read", text.size(), most_bytes),
             "keep rows out of it: data comes from the database, or from a backfill's query"}};
  }
  int line = 0;
  std::size_t line_from = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = sign_length(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
    if (length == 0 || control) {
      const auto place = source.position({line, static_cast<int>(at - line_from)});
      if (control) {
        return {{"control-character", place, fmt::format("a control character (byte 0x{:02X}) stands here", byte),
                 "take it out; inside double quotes it can be written as an escape such as \\t"}};
      }
      return {{"not-utf8", place, fmt::format("this is not UTF-8 (byte 0x{:02X})", byte), "save the file as UTF-8"}};
    }
    if (byte == '\n') {
      ++line;
      line_from = at + 1;
    }
    at += length;
  }
  return {};
}

void each_scalar(const Node& node, const std::function<void(const Node&)>& visit) {
  if (node.kind == Node::Kind::scalar) visit(node);
  for (const auto& item : node.items) each_scalar(item, visit);
  for (const auto& entry : node.entries) each_scalar(entry.value, visit);
}

}  // namespace segue::migration
