// What stands after FROM, taken apart: its tables, and the conditions that join them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/references.h"

namespace segue::sql {

struct FromTable {
  QualifiedName name;
  std::string alias;  // how the query calls it, unquoted; without an alias its own name
};

struct FromClause {
  std::vector<FromTable> tables;
  std::vector<std::string> conditions;  // of each ON
};

// Of "contacts c JOIN organizations o ON o.id = c.organization_id". An error (code "from-clause", with what stands in
// the way as its message) where anything but plain tables and inner joins by ON is among them, or where it cannot be
// parsed.
Result<FromClause> take_from_apart(std::string_view from);

// a = b AND (c OR d) is a = b, (c OR d). What cannot be parsed stays whole.
std::vector<std::string> conditions_of(std::string_view condition);

}  // namespace segue::sql
