// What is asked at a boundary between two phases: checks and probes, their results kept in the ledger.
#pragma once

#include <string>

#include "engine/work.h"
#include "proof/check.h"

namespace segue::engine {

// Values from before the first step, for checks of the kind `unchanged` and for probes.
Status take_baseline(Work& work);

// All checks of this boundary ("after backfill"); the error "check-failed" names the first that does not hold, its rows
// and what to do. Warnings count against the plan's share.
Status pass_checks(Work& work, const std::string& boundary);

// The checks of a boundary without consequences, for `verify`.
Result<std::vector<proof::CheckResult>> look_at_checks(Work& work, const std::string& boundary);

Status pass_probes(Work& work);

}  // namespace segue::engine
