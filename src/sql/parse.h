// A text split and parsed: its statements with their trees, each with its own error where it has one.
//
// What PostgreSQL's parser (it speaks 15) does not take costs only the statement in which it stands: that one has an
// error and no tree, and all others are read. Parsing never throws and never fails as a whole; it can be called from
// several threads at once. Errors tell the byte in the text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/node.h"
#include "sql/split.h"

namespace segue::sql {

class Arena;

struct ParseError {
  std::string message;   // in PostgreSQL's words: syntax error at or near "WHERE"
  std::size_t byte = 0;  // in the text as a whole
};

struct Statement {
  Piece piece;
  std::string_view text;  // its own bytes as they were written, without the semicolon
  Node tree;              // "CreateStmt", "AlterTableStmt", …; empty where it could not be parsed
  std::optional<ParseError> error;
};

class Source {
 public:
  explicit Source(std::string text);
  ~Source();
  Source(Source&&) noexcept;
  Source& operator=(Source&&) noexcept;

  const std::vector<Statement>& statements() const { return statements_; }
  const Script& script() const { return *script_; }
  const std::string& text() const { return script_->text; }

  // Gives back what only the statements need: there are none any more. The text, its comments and positions stay.
  void forget_trees();

 private:
  void parse_together();
  void parse_alone(Statement& statement);

  std::unique_ptr<Script> script_;
  std::unique_ptr<Arena> arena_;
  std::vector<Statement> statements_;
};

// The text as exactly one statement; an error (code "syntax") where it is none or several, or cannot be parsed. The
// statement is statements()[0].
Result<Source> parse_one(std::string text);

}  // namespace segue::sql
