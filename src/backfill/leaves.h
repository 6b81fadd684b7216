// The tables that hold the rows of a table: itself, or the partitions of a partitioned one.
#pragma once

#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::backfill {

struct Leaf {
  std::string table;  // quoted and qualified
  double weight = 1;  // its size against the others'
};

// As they are now; foreign tables are not among them.
Result<std::vector<Leaf>> leaves_of(pg::Connection& connection, const std::string& table);

}  // namespace segue::backfill
