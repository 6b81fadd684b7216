// SQL text as tokens, where each begins and ends: quotes, comments and dollar quotes as PostgreSQL reads them, and the
// signs that psql reads before it (meta-commands, variables).
//
// It never fails: a quote that nobody closes runs to the end of the text. It knows no grammar.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace segue::sql {

enum class TokenKind {
  word,         // a keyword or a name
  quoted_name,  // "createdAt"
  string,       // 'it''s', E'…', $tag$…$tag$
  number,
  parameter,  // $1
  variable,   // psql's :name, :'name', :"name"; ${name} of Flyway and others
  meta,       // a backslash command of psql, without its line's end
  sign,       // one of ( ) [ ] , ; . :
  op,
  comment,
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool closed = true;  // false: a quote or comment that runs to the end of the text

  std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
};

class Lexer {
 public:
  explicit Lexer(std::string_view text, std::size_t from = 0) : text_(text), at_(from) {}
  Token next();  // comments included
  void move_to(std::size_t byte) { at_ = byte; }

 private:
  std::string_view text_;
  std::size_t at_;
};

// All tokens between two bytes, comments left out.
std::vector<Token> tokens_of(std::string_view text, std::size_t begin, std::size_t end);

// Whether the token is this keyword (given in lower case), however it is written.
bool is_word(std::string_view text, const Token& token, std::string_view keyword);
bool is_sign(std::string_view text, const Token& token, char sign);

}  // namespace segue::sql
