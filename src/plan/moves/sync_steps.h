// The steps around a backfill that is kept in sync: its triggers come and go, and every row is compared.
#pragma once

#include <string>
#include <vector>

#include "plan/draft.h"
#include "plan/moves/sync.h"

namespace segue::plan {

Step backfill_step(const Table& table, std::string kind, std::string title);

// Made in expand, before the first row is filled, and dropped with the old shape in contract; `left` are those that the
// way back from there makes again.
void add_triggers(Draft& draft, const Table& table, const std::string& title, const std::vector<SyncTrigger>& created,
                  const std::vector<SyncTrigger>& left);

// No row is pending after validate and before the switch.
void add_comparison(Draft& draft, const Table& table, const std::string& names, const std::string& pending);

}  // namespace segue::plan
