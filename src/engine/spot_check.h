// Records drawn at random, old shape and new side by side, for a person to look at; and whether each is right.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/json_fwd.h"

namespace segue::engine {

struct SpotRecord {
  std::string key;                                       // "id = 17", or its place where the table has no key
  std::vector<std::pair<std::string, std::string>> old;  // columns that the new ones come from, and their values
  struct Carried {
    std::string column, expected, actual;  // values as text; "NULL"
  };
  std::vector<Carried> carried;
  bool right = true;
};

struct SpotTable {
  std::string table, step;
  std::vector<SpotRecord> records;
};

// Of each backfill that is done, `count` records. Looks only, and notes in the ledger that somebody has looked.
Result<std::vector<SpotTable>> spot_check(const std::string& database, const std::string& migration, int count);

Json to_json(const std::vector<SpotTable>& tables);

}  // namespace segue::engine
