// The trigger that keeps derived columns right: whoever writes a row, it leaves with them computed (protocol 1 to 3).
#pragma once

#include <string>
#include <vector>

#include "migration/move.h"
#include "plan/moves/sync.h"

namespace segue::plan {

// The columns belong to the trigger: what an application writes there is overwritten. It never raises for a row that
// the expressions can compute, and an error in an expression is stored as NULL rather than handed to the application.
SyncTrigger derive_trigger(const Table& table, const std::vector<std::string>& columns,
                           const migration::BackfillMove& move, int number);

}  // namespace segue::plan
