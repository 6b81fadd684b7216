// What stands after FROM: its tables, and where their names stand in the text, so that something else can be put there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/references.h"
#include "sql/split.h"

namespace segue::sql {

struct FromTable {
  QualifiedName name;
  std::string alias;  // how the query calls it, unquoted; without an alias its own name
  bool has_alias = false;
  Range place;  // of the name in the text, with its schema
};

// All tables of "contacts c JOIN organizations o ON o.id = c.organization_id". An error (code "from-clause", with what
// stands in the way as its message) where anything but plain tables and inner joins is among them, or where it cannot
// be parsed.
Result<std::vector<FromTable>> tables_after_from(std::string_view from);

}  // namespace segue::sql
