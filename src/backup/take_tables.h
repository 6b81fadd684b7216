// Copies of single tables, before anything changes them: all of one call in one snapshot.
//
// A copy is the rows as COPY writes them (text, every stored column that is not generated) with a small JSON beside it:
// columns, types, rows, hash. It needs no pg_dump and works on every server version. Each is read back into a temporary
// table of the same structure, and its hash compared, before the backup counts. It holds rows only: no index, no
// constraint, no right. A partitioned table is copied with its partitions' rows; of an inheritance parent only its own.
#pragma once

#include <string>
#include <vector>

#include "backup/take.h"

namespace segue::backup {

struct TablesRequest {
  std::string url;
  std::filesystem::path backups;
  std::vector<std::string> tables;  // as in SQL: orders, public.orders, "odd name"
  int lock_wait_ms = 5000;
  bool read_back = true;
  Watch watch = {};
};

// In the result `tables` holds the copied ones, hashed without generated columns.
Result<Taken> take_tables(const TablesRequest& request);

}  // namespace segue::backup
