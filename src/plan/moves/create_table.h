// A table as its CREATE TABLE says it, before it exists.
#pragma once

#include "plan/table.h"
#include "sql/parse.h"

namespace segue::plan {

// Columns with the types that the server will give them (serial is integer), the primary key and unique constraints.
// Without a schema in the text it is taken to be made in "public".
Table read_create_table(const sql::Statement& statement);

}  // namespace segue::plan
