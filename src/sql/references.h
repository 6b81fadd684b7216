// Which names a statement or a function body uses, as far as its text tells.
//
// Names come as they were written (folded as SQL folds them); whether one means a table or a common table expression of
// the same statement is decided here, which schema it lies in is not. Where a body cannot be parsed, every word of it
// counts as every kind of name: too much may be found, nothing is missed. What no reading can tell is said in `opaque`:
// each EXECUTE, and bodies in other languages.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace segue::sql {

// A name with its schema, if one was written.
struct QualifiedName {
  std::string schema;
  std::string name;
  auto operator<=>(const QualifiedName&) const = default;
};

// A column: `total`, `o.total`, `o.*` (then `*` is the column). The table is what the text tells: an alias of the same
// statement is resolved; a qualifier that is none (a variable, NEW) leaves the table empty.
struct ColumnName {
  QualifiedName table;  // empty if the text does not say
  std::string column;
  auto operator<=>(const ColumnName&) const = default;
};

struct References {
  std::set<QualifiedName> relations;
  std::set<ColumnName> columns;
  std::set<QualifiedName> functions;
  std::set<QualifiedName> types;
  std::vector<std::string> opaque;  // "EXECUTE in line 4"

  void merge(const References& other);
};

// One or more SQL statements; never fails: see above.
References references_of_sql(std::string_view sql);

// A function: the whole CREATE FUNCTION statement, as pg_get_functiondef prints it, and its language.
References references_of_function(std::string_view create_function, std::string_view language);

}  // namespace segue::sql
