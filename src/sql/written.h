// Names and types in a statement as the user spelled them, quotes included.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sql/lexer.h"
#include "sql/parse.h"

namespace segue::sql {

class Written {
 public:
  explicit Written(const Statement& statement);

  // The (qualified) name that begins at this byte of the text: public."Orders". Empty where none does.
  std::string name_at(std::size_t byte) const;
  // The name after the first such keyword at or behind the byte; IF NOT EXISTS and CONCURRENTLY between are skipped.
  std::string name_after(std::size_t byte, std::string_view keyword) const;
  // The name before the first such keyword, if it is not itself one of `not_these`.
  std::string name_before(std::string_view keyword, std::initializer_list<std::string_view> not_these) const;
  std::string last_name() const;
  // The type that begins at this byte, up to the end of the parameter: "numeric(10, 2)".
  std::string type_at(std::size_t byte) const;
  // The name as it is written somewhere in the statement; in quotes where it is not found.
  std::string spelled(const std::string& name) const;

  // The byte where the first such keyword begins at or behind the given one; npos where there is none.
  std::size_t find(std::string_view keyword, std::size_t from = 0) const;
  const std::vector<Token>& tokens() const { return tokens_; }
  std::string_view text_of(const Token& token) const;
  bool is(const Token& token, std::string_view keyword) const;

 private:
  std::size_t index_at(std::size_t byte) const;
  std::string name_from(std::size_t index) const;
  bool is_name(const Token& token) const;

  std::string_view text_;  // the statement
  std::size_t base_;       // where it begins in the file
  std::vector<Token> tokens_;
};

// The name as SQL folds it: orders of Orders, Orders of "Orders".
std::string folded(std::string_view written);

}  // namespace segue::sql
