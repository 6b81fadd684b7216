#include "sql/lexer.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace segue::sql {
namespace {

// What a sign can be part of; every sign of every file is looked up here.
enum Class : std::uint8_t { digit = 1, name_start = 2, name_part = 4, blank = 8, oper = 16 };

constexpr std::array<std::uint8_t, 256> classes = [] {
  std::array<std::uint8_t, 256> made{};
  for (int sign = 0; sign < 256; ++sign) {
    const bool letter = (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || sign == '_' || sign >= 0x80;
    const bool number = sign >= '0' && sign <= '9';
    if (number) made[sign] |= digit;
    if (letter) made[sign] |= name_start;
    if (letter || number || sign == '$') made[sign] |= name_part;
  }
  for (const char sign : std::string_view(" \t\n\r\f\v")) made[static_cast<unsigned char>(sign)] |= blank;
  for (const char sign : std::string_view("~!@#^&|`?+-*/%<>=")) made[static_cast<unsigned char>(sign)] |= oper;
  return made;
}();

bool is(char sign, Class what) {
  return (classes[static_cast<unsigned char>(sign)] & what) != 0;
}
bool is_digit(char sign) {
  return is(sign, digit);
}
bool starts_name(char sign) {
  return is(sign, name_start);
}
bool continues_name(char sign) {
  return is(sign, name_part);
}
bool is_blank(char sign) {
  return is(sign, blank);
}
bool is_operator(char sign) {
  return is(sign, oper);
}

char lower_sign(char sign) {
  return sign >= 'A' && sign <= 'Z' ? static_cast<char>(sign + ('a' - 'A')) : sign;
}

// The scanner's position and what may be asked of it; each take_… moves it behind one token.
struct Cursor {
  std::string_view text;
  std::size_t at;

  bool more() const { return at < text.size(); }
  char sign(std::size_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }

  bool take_quoted(char quote, bool backslash) {
    ++at;
    while (more()) {
      const bool escapes = (backslash && sign() == '\\') || (sign() == quote && sign(1) == quote);
      const bool ends = sign() == quote && !escapes;
      at += escapes ? 2 : 1;
      if (ends) return true;
    }
    at = text.size();
    return false;
  }

  bool take_block_comment() {
    int depth = 0;
    do {
      if (sign() == '/' && sign(1) == '*') {
        ++depth;
        at += 2;
      } else if (sign() == '*' && sign(1) == '/') {
        --depth;
        at += 2;
      } else {
        ++at;
      }
    } while (depth > 0 && more());
    at = std::min(at, text.size());
    return depth == 0;
  }

  // $$…$$ or $tag$…$tag$; false and nothing taken where no tag stands here.
  bool take_dollar_quoted(bool& closed) {
    std::size_t tag = at + 1;
    if (tag < text.size() && starts_name(text[tag])) {
      while (tag < text.size() && continues_name(text[tag]) && text[tag] != '$') ++tag;
    }
    if (tag >= text.size() || text[tag] != '$') return false;
    const std::string_view mark = text.substr(at, tag + 1 - at);
    const std::size_t close = text.find(mark, tag + 1);
    closed = close != std::string_view::npos;
    at = closed ? close + mark.size() : text.size();
    return true;
  }

  void take_number() {
    while (is_digit(sign()) || sign() == '_') ++at;
    if (sign() == '.' && sign(1) != '.') {
      ++at;
      while (is_digit(sign())) ++at;
    }
    const bool signed_exponent = sign(1) == '+' || sign(1) == '-';
    if ((sign() == 'e' || sign() == 'E') && is_digit(sign(signed_exponent ? 2 : 1))) {
      at += signed_exponent ? 2 : 1;
      while (is_digit(sign())) ++at;
    }
  }

  // As PostgreSQL has it: + and - end a longer operator only where a sign stands in it that SQL's own have not; in a>-1
  // there are two.
  void take_operator() {
    const std::size_t begin = at;
    while (more() && is_operator(sign())) {
      if ((sign() == '-' && sign(1) == '-') || (sign() == '/' && sign(1) == '*')) break;
      ++at;
    }
    if (text.substr(begin, at - begin).find_first_of("~!@#^&|`?%") != std::string_view::npos) return;
    while (at - begin > 1 && (text[at - 1] == '+' || text[at - 1] == '-')) --at;
  }

  // ${name}; false and nothing taken where the dollar is something else.
  bool take_placeholder() {
    std::size_t close = at + 2;
    while (close < text.size() &&
           (continues_name(text[close]) || text[close] == '.' || text[close] == ':' || text[close] == '-'))
      ++close;
    if (close == at + 2 || close >= text.size() || text[close] != '}') return false;
    at = close + 1;
    return true;
  }

  // :name, :'name', :"name"; false where the colon is something else.
  bool take_variable() {
    const char after = sign(1);
    if (starts_name(after)) {
      at += 2;
      while (continues_name(sign())) ++at;
      return true;
    }
    if (after != '\'' && after != '"') return false;
    std::size_t close = at + 2;
    while (close < text.size() && continues_name(text[close])) ++close;
    if (close == at + 2 || close >= text.size() || text[close] != after) return false;
    at = close + 1;
    return true;
  }
};

}  // namespace

Token Lexer::next() {
  Cursor cursor{text_, at_};
  while (cursor.more() && (is_blank(cursor.sign()) || cursor.sign() == '\0')) ++cursor.at;
  Token token;
  token.begin = cursor.at;
  const auto done = [&](TokenKind kind) {
    token.kind = kind;
    token.end = at_ = cursor.at;
    return token;
  };
  if (!cursor.more()) return done(TokenKind::end);

  const char sign = cursor.sign();
  const char after = cursor.sign(1);
  if (sign == '-' && after == '-') {
    while (cursor.more() && cursor.sign() != '\n') ++cursor.at;
    return done(TokenKind::comment);
  }
  if (sign == '/' && after == '*') {
    token.closed = cursor.take_block_comment();
    return done(TokenKind::comment);
  }
  if (sign == '\'' || sign == '"') {
    token.closed = cursor.take_quoted(sign, false);
    return done(sign == '"' ? TokenKind::quoted_name : TokenKind::string);
  }
  if (after == '\'' && std::string_view("eEbBxXnN").find(sign) != std::string_view::npos) {
    ++cursor.at;
    token.closed = cursor.take_quoted('\'', sign == 'e' || sign == 'E');
    return done(TokenKind::string);
  }
  if ((sign == 'u' || sign == 'U') && after == '&' && (cursor.sign(2) == '\'' || cursor.sign(2) == '"')) {
    cursor.at += 2;
    const char quote = cursor.sign();
    token.closed = cursor.take_quoted(quote, false);
    return done(quote == '"' ? TokenKind::quoted_name : TokenKind::string);
  }
  if (starts_name(sign)) {
    while (cursor.more() && continues_name(cursor.sign())) ++cursor.at;
    return done(TokenKind::word);
  }
  if (is_digit(sign) || (sign == '.' && is_digit(after))) {
    cursor.take_number();
    return done(TokenKind::number);
  }
  if (sign == '$') {
    if (is_digit(after)) {
      ++cursor.at;
      while (is_digit(cursor.sign())) ++cursor.at;
      return done(TokenKind::parameter);
    }
    if (after == '{' && cursor.take_placeholder()) return done(TokenKind::variable);
    if (cursor.take_dollar_quoted(token.closed)) return done(TokenKind::string);
    ++cursor.at;
    return done(TokenKind::op);
  }
  if (sign == '\\') {
    while (cursor.more() && cursor.sign() != '\n') ++cursor.at;
    return done(TokenKind::meta);
  }
  if (sign == ':') {
    if (after == ':' || after == '=') {
      cursor.at += 2;
      return done(TokenKind::op);
    }
    if (cursor.take_variable()) return done(TokenKind::variable);
  }
  if (is_operator(sign)) {
    cursor.take_operator();
    return done(TokenKind::op);
  }
  ++cursor.at;
  return done(TokenKind::sign);
}

std::vector<Token> tokens_of(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::size_t usual_length = 5;
  std::vector<Token> tokens;
  tokens.reserve((std::min(end, text.size()) - std::min(begin, text.size())) / usual_length + 8);
  Lexer lexer(text.substr(0, end), begin);
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (token.kind != TokenKind::comment) tokens.push_back(token);
  }
  return tokens;
}

bool is_word(std::string_view text, const Token& token, std::string_view keyword) {
  if (token.kind != TokenKind::word || token.end - token.begin != keyword.size()) return false;
  return std::equal(keyword.begin(), keyword.end(), text.begin() + static_cast<std::ptrdiff_t>(token.begin),
                    [](char expected, char written) { return expected == lower_sign(written); });
}

bool is_sign(std::string_view text, const Token& token, char sign) {
  return token.kind == TokenKind::sign && text[token.begin] == sign;
}

}  // namespace segue::sql
