// Back from a backup: all of it into an empty database, or the rows of one table into a new table.
//
// Nothing that is there is ever touched: a database that holds anything is refused, and so is a table's name that is
// taken. What was restored is compared with what was backed up, and a difference is the error "backup-differs". A whole
// restore is not one transaction: after an error or a stop the database holds a part, and the message says so.
// Subscriptions are not restored. The restore of one table is one transaction.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backup/progress.h"
#include "backup/read_back.h"
#include "backup/record.h"
#include "base/error.h"

namespace segue::backup {

struct RestoreRequest {
  std::filesystem::path folder;  // of one backup
  std::string url;               // of the database to restore into
  std::string pg_bin = {};       // where pg_restore is; empty: see find_tools.h
  int jobs = 2;
  Watch watch = {};
};

struct Restored {
  std::string database;  // fit to be shown
  std::int64_t tables = 0;
  std::int64_t rows = 0;
  double seconds = 0;
};

Result<Restored> restore(const RestoreRequest& request);

struct RestoredTable {
  std::string table;  // the new one: "public.orders_20261120t104512z"
  std::int64_t rows = 0;
  bool hash_compared = true;  // not where the dump's hash includes generated columns: then rows alone were
  double seconds = 0;
};

// From the copy, or out of the full dump. The new table lies in the schema of the old one, bears its name and the time
// of the backup, and has its columns without constraints, indexes and defaults.
Result<RestoredTable> restore_table(const RestoreRequest& request, const std::string& table);

// Reads a backup back once more and compares, as take() does, and notes the outcome in its backup.json. With
// `private_server` a full backup needs no url. Copies of tables are loaded into temporary tables of the url's database.
struct VerifyRequest {
  std::filesystem::path folder;
  std::string url;
  bool private_server = false;
  std::string pg_bin = {};
  int jobs = 2;
  Watch watch = {};
};
Result<ReadBack> verify(const VerifyRequest& request);

}  // namespace segue::backup
