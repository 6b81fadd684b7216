// Triggers of the user's own, which a backfill would fire for each of its rows: updated_at, audit, notify.
#pragma once

#include "plan/draft.h"

namespace segue::plan {

// Settles for this job whether they fire: as `triggers` in the file says; else they stay silent where that is safe. A
// session is silent for all of them or for none. False: a hazard says why it cannot be done as asked.
Result<bool> follow_triggers(Draft& draft, const migration::BackfillMove& move, const Table& table, BackfillJob& job);

}  // namespace segue::plan
