// The steps around a backfill that is kept in sync: its triggers come and go, and every row is compared.
#pragma once

#include <string>
#include <vector>

#include "plan/draft.h"
#include "plan/moves/sync.h"

namespace segue::plan {

Step backfill_step(const Table& table, std::string kind, std::string title);

// The triggers of one backfill. They are made in expand, before the first row is filled, and leave in contract before
// anything of the old shape does. The way back from there makes them again as they are after the switch, and then
// brings over what was written without them.
struct SyncSteps {
  std::vector<SyncTrigger> before_switch, after_switch;
  std::vector<BackfillJob> heal;
  std::vector<KeepRule> keep;
  // ALTER COLUMN clauses: what the new side has by itself. They come with the triggers, or a row that is inserted in
  // between would have the default for ever.
  std::vector<std::string> defaults = {}, no_defaults = {};
};
void add_triggers(Draft& draft, const Table& table, const std::string& title, const SyncSteps& sync);

// No row is wrong after validate, before the switch and at what else is given. Where it settles, one that is wrong is
// looked at again.
void add_comparison(Draft& draft, const Table& table, const std::string& names, const std::string& wrong,
                    const std::vector<std::string>& also, bool settles = false);

// Whether the server can evaluate the condition on a row of the table, the columns that are added included; else a
// hazard says why not.
Result<bool> can_be_asked(Draft& draft, const Table& table, const migration::BackfillMove& move,
                          const std::string& condition);

}  // namespace segue::plan
