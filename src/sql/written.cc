#include "sql/written.h"

#include <algorithm>

#include "base/text.h"

namespace segue::sql {

Written::Written(const Statement& statement)
    : text_(statement.text),
      base_(statement.piece.begin),
      tokens_(tokens_of(statement.text, 0, statement.text.size())) {}

bool Written::is_name(const Token& token) const {
  return token.kind == TokenKind::word || token.kind == TokenKind::quoted_name || token.kind == TokenKind::variable;
}

std::string_view Written::text_of(const Token& token) const {
  return token.in(text_);
}

bool Written::is(const Token& token, std::string_view keyword) const {
  return is_word(text_, token, keyword);
}

// The first token around or behind the byte of the file: the quotes of a variable :"name" stand behind its begin.
std::size_t Written::index_at(std::size_t byte) const {
  const std::size_t own = byte > base_ ? byte - base_ : 0;
  const auto found = std::lower_bound(tokens_.begin(), tokens_.end(), own,
                                      [](const Token& token, std::size_t at) { return token.end <= at; });
  return static_cast<std::size_t>(found - tokens_.begin());
}

std::string Written::name_from(std::size_t index) const {
  std::string made;
  while (index < tokens_.size() && is_name(tokens_[index])) {
    made += text_of(tokens_[index]);
    if (index + 2 >= tokens_.size() || !is_sign(text_, tokens_[index + 1], '.')) break;
    made += '.';
    index += 2;
  }
  return made;
}

std::string Written::name_at(std::size_t byte) const {
  return name_from(index_at(byte));
}

std::string Written::name_after(std::size_t byte, std::string_view keyword) const {
  for (std::size_t index = index_at(byte); index < tokens_.size(); ++index) {
    if (!is(tokens_[index], keyword)) continue;
    std::size_t next = index + 1;
    while (next < tokens_.size() && (is(tokens_[next], "if") || is(tokens_[next], "not") ||
                                     is(tokens_[next], "exists") || is(tokens_[next], "concurrently"))) {
      ++next;
    }
    return name_from(next);
  }
  return {};
}

std::string Written::name_before(std::string_view keyword, std::initializer_list<std::string_view> not_these) const {
  for (std::size_t index = 1; index < tokens_.size(); ++index) {
    if (!is(tokens_[index], keyword)) continue;
    const Token& before = tokens_[index - 1];
    const bool other = std::any_of(not_these.begin(), not_these.end(), [&](auto word) { return is(before, word); });
    return other || !is_name(before) ? std::string() : std::string(text_of(before));
  }
  return {};
}

std::string Written::last_name() const {
  return tokens_.empty() || !is_name(tokens_.back()) ? std::string() : std::string(text_of(tokens_.back()));
}

std::string Written::type_at(std::size_t byte) const {
  const std::size_t first = index_at(byte);
  std::size_t end = first;
  int parens = 0;
  for (; end < tokens_.size(); ++end) {
    const Token& token = tokens_[end];
    if (is_sign(text_, token, '(')) ++parens;
    if (parens == 0 && (is_sign(text_, token, ',') || is_sign(text_, token, ')') || is(token, "default"))) break;
    if (parens == 0 && token.kind == TokenKind::op && text_of(token) != "%") break;
    if (is_sign(text_, token, ')')) --parens;
  }
  if (end == first) return {};
  return std::string(text_.substr(tokens_[first].begin, tokens_[end - 1].end - tokens_[first].begin));
}

std::string Written::spelled(const std::string& name) const {
  for (const Token& token : tokens_) {
    if (is_name(token) && folded(text_of(token)) == name) return std::string(text_of(token));
  }
  std::string quoted = "\"";
  for (const char sign : name) quoted.append(sign == '"' ? 2 : 1, sign);
  return quoted + "\"";
}

std::size_t Written::find(std::string_view keyword, std::size_t from) const {
  for (std::size_t index = index_at(from); index < tokens_.size(); ++index) {
    if (is(tokens_[index], keyword)) return tokens_[index].begin + base_;
  }
  return std::string::npos;
}

std::string folded(std::string_view written) {
  if (written.size() < 2 || written.front() != '"') return lower(written);
  std::string made;
  for (std::size_t at = 1; at + 1 < written.size(); ++at) {
    made += written[at];
    if (written[at] == '"') ++at;
  }
  return made;
}

}  // namespace segue::sql
