// Several backfills of one table become one: each row is read, written and compared once.
#pragma once

#include "plan/step.h"

namespace segue::plan {

// Takes `other` into `step` where that is the same in the end: both go over the same rows in the same way, and neither
// asks for what the other sets. False: they stay two.
bool merge_backfills(Step& step, const Step& other);

}  // namespace segue::plan
