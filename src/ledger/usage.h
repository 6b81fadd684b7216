// Looks at how often the old shape is used, as the ledger keeps them: the server's counters know no time of the last
// call, so that is found between two looks.
#pragma once

#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::ledger {

struct UsageSample {
  std::string source = "statements";  // or trigger
  std::string query_id;               // the server's number; of a trigger its counter
  std::string role;
  std::string statement;
  std::string old_name;
  std::int64_t calls = 0;
  bool certain = true;
};

struct UsageLook {
  std::int64_t id = 0;
  std::string at;       // as the server's clock had it
  std::int64_t ms = 0;  // the same, since 1970
  bool readable = false;
  std::string reset_at;
  std::int64_t evicted = 0;
  std::string message;
  std::vector<UsageSample> samples;
};

// Both in one transaction; fills id, at and ms.
Status add_look(pg::Connection& connection, std::int64_t run, UsageLook& look);

// Oldest first.
Result<std::vector<UsageLook>> looks_of(pg::Connection& connection, std::int64_t run);

}  // namespace segue::ledger
