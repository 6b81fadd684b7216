// Which names a statement or a function body uses, as far as its text tells.
//
// Names come as they were written (folded as SQL folds them); whether one means a table or a common table expression of
// the same statement is decided here, which schema it lies in is not. What the parser cannot see is said, not dropped:
// `opaque` lists each EXECUTE and whatever did not parse.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace segue::sql {

// A name with its schema, if one was written.
struct QualifiedName {
  std::string schema;
  std::string name;
  auto operator<=>(const QualifiedName&) const = default;
};

// A column as it was written: `total`, `o.total`, `o.*`. The qualifier is resolved to its table where an alias in the
// same statement says which; `*` is a column name here.
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

// One or more SQL statements.
Result<References> references_of_sql(std::string_view sql);

// The body of a function: what stands between the quotes. `create_function` is the whole CREATE FUNCTION statement, as
// pg_get_functiondef prints it. Other languages than SQL and PL/pgSQL give one opaque entry.
References references_of_function(std::string_view create_function, std::string_view language);

}  // namespace segue::sql
