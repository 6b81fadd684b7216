#include "plan/moves/user_triggers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "migration/nearest.h"

namespace segue::plan {
Result<bool> follow_triggers(Draft& draft, const migration::BackfillMove& move, const Table& table, BackfillJob& job) {
  job.skip_triggers = true;
  if (move.triggers.empty()) {
    TRY(draft.note_triggers(table, move.table.at));
    return true;
  }
  const auto there = TRY(update_triggers(draft.connection, table));
  const migration::UserTrigger *fires = nullptr, *skipped = nullptr;
  std::vector<std::string> not_named = there;
  for (const auto& one : move.triggers) {
    if (std::find(there.begin(), there.end(), one.name.value) == there.end()) {
      draft.hazard("no-such-trigger",
                   fmt::format("{} has no trigger '{}' that an UPDATE fires", table.display(), one.name.value),
                   one.name.at, there.empty() ? "it has none: leave `triggers` out" : "it has " + join(there, ", "));
      return false;
    }
    std::erase(not_named, one.name.value);
    (one.fires ? fires : skipped) = &one;
  }
  if (fires != nullptr && skipped != nullptr) {
    draft.hazard("triggers-together",
                 fmt::format("'{}' is to fire and '{}' is not: a session fires all triggers of a table or none",
                             fires->name.value, skipped->name.value),
                 skipped->name.at, "say the same of all of them");
    return false;
  }
  job.skip_triggers = fires == nullptr;
  job.only_silent = fires == nullptr;
  if (!not_named.empty()) {
    draft.note("triggers-together",
               fmt::format("{} of {} {} with the others", join(not_named, ", "), table.display(),
                           fires != nullptr ? "fires too" : "stays silent too"),
               move.table.at, "name it in `triggers` as well");
  }
  return true;
}

}  // namespace segue::plan
