// The file's hooks as a plan has them: what is outside of the tables becomes a PlannedHook, `map` becomes a backfill
// with a way back. What could not be done without somebody waiting for it is a hazard.
#pragma once

#include "plan/draft.h"

namespace segue::plan {

Status compile_hooks(Draft& draft);

}  // namespace segue::plan
