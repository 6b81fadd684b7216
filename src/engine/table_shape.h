// A table's columns, and how one of its rows is found again.
#pragma once

#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::engine {

struct TableShape {
  std::vector<std::string> columns;  // unquoted, generated ones left out
  std::vector<std::string> key;      // of the primary key, else of a unique index that holds no NULL; may be empty
};

Result<TableShape> shape_of(pg::Connection& connection, const std::string& quoted_table);

}  // namespace segue::engine
