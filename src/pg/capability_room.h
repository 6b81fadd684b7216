// Whether the server's disk has room for what a plan writes, where that can be known.
//
// An estimate, made to be rather too high: a filled table gets new versions of its rows (its bytes times 1.2, once:
// later passes use the room of the first again) and new entries in its indexes; a new index is as large as its rows and
// the width of its columns make it; each pass writes as much WAL, of which the server keeps about max_wal_size. The
// free space of a server on another machine cannot be read, and then this is said.
#pragma once

#include <string>
#include <vector>

#include "pg/capability.h"

namespace segue::pg {

struct NewIndex {
  std::string table;                 // schema.table without quotes
  std::vector<std::string> columns;  // unquoted; one that is not there yet counts as a small one
};

struct Writes {
  std::vector<std::string> fills;  // tables, one entry a backfill
  std::vector<NewIndex> indexes;
};

Result<Finding> room(Connection& connection, const Writes& writes);

}  // namespace segue::pg
