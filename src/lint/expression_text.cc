// The text of an expression; see replay.h. The parser keeps where a node begins, not where it ends, and parentheses not
// at all: the text is read from the first node on, and goes on behind the last one as long as it must belong to it.
#include <algorithm>
#include <array>

#include "lint/replay.h"
#include "sql/lexer.h"
#include "sql/written.h"

namespace segue::lint {
namespace {

using sql::Node;
using sql::Token;
using sql::TokenKind;

class Expression {
 public:
  Expression(std::string_view text, std::size_t begin, std::size_t last)
      : text_(text), last_(last), lexer_(text, begin) {}

  std::string read() {
    for (Token token = lexer_.next(); token.kind != TokenKind::end; token = lexer_.next()) {
      if (token.kind == TokenKind::comment) continue;
      if (token.begin > last_ && !belongs(token)) break;
      take(token);
    }
    return std::string(opened_before_, '(') + made_;
  }

 private:
  bool is(const Token& token, char sign) const { return sql::is_sign(text_, token, sign); }

  // Behind the last node: what closes, arguments and brackets, and words that are the second half of something.
  bool belongs(const Token& token) {
    if (depth_ > 0) return true;
    if (is(token, '(') || is(token, '[') || is(token, '.') || before_ == ".") return true;
    // The sign of a number, and what a clause names.
    if (after_operator_ || before_ == "collate") return true;
    if (token.kind != TokenKind::word) return false;
    const std::string word = sql::folded(token.in(text_));
    if (word == "end") return cases_ > 0;
    if (word == "with" || word == "without") {
      sql::Lexer ahead = lexer_;
      return sql::is_word(text_, ahead.next(), "time");
    }
    if (before_ == "is") return true;
    if (before_ == "not") return after_is_;
    return (before_ == "double" && word == "precision") ||
           ((before_ == "character" || before_ == "char" || before_ == "bit") && word == "varying") ||
           ((before_ == "with" || before_ == "without") && word == "time") || (before_ == "time" && word == "zone");
  }

  // A name and what it is called with stand together, an operator and parentheses do not.
  bool stands_apart(const Token& token) const {
    constexpr std::array<std::string_view, 8> joining = {"and", "or", "not", "in", "when", "then", "else", "between"};
    if (token.kind != TokenKind::sign) return !is_prefix_;
    return is(token, '(') && (after_operator_ || std::find(joining.begin(), joining.end(), before_) != joining.end());
  }

  void take(const Token& token) {
    if (is(token, '(') || is(token, '[')) ++depth_;
    if (is(token, ')') || is(token, ']')) {
      if (depth_ > 0) {
        --depth_;
      } else {
        ++opened_before_;  // closes what was opened before the first node
      }
    }
    const std::string_view part = token.in(text_);
    if (!made_.empty() && stands_apart(token) && made_.back() != '(' && made_.back() != '[' && made_.back() != '.')
      made_ += ' ';
    made_ += part;
    // A sign before a number stands with it.
    is_prefix_ = token.kind == TokenKind::op && (after_operator_ || made_.size() == part.size() || before_ == "(");
    after_operator_ = token.kind == TokenKind::op;
    const bool was_is = before_ == "is";
    before_ = token.kind == TokenKind::word ? sql::folded(part) : std::string(part);
    after_is_ = was_is && before_ == "not";
    if (token.kind != TokenKind::word) return;
    if (before_ == "case") ++cases_;
    if (before_ == "end" && cases_ > 0) --cases_;
  }

  std::string_view text_;
  std::size_t last_;  // where the last node begins
  sql::Lexer lexer_;
  std::string made_;
  std::string before_;  // the token taken last
  bool after_is_ = false;
  bool after_operator_ = false;
  bool is_prefix_ = false;
  int depth_ = 0;
  int cases_ = 0;
  std::size_t opened_before_ = 0;
};

}  // namespace

std::string expression_text(Node expression, std::string_view text) {
  std::size_t begin = std::string::npos;
  std::size_t last = 0;
  sql::walk(expression, [&](Node node) {
    const std::size_t at = node.location(std::string::npos);
    if (at != std::string::npos) {
      begin = std::min(begin, at);
      last = std::max(last, at);
    }
    return true;
  });
  if (begin == std::string::npos || last >= text.size()) return {};
  return Expression(text, begin, last).read();
}

}  // namespace segue::lint
