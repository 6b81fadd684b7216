// Several backfills of one table become one: each row is read, written and compared once.
#pragma once

#include <vector>

#include "plan/step.h"

namespace segue::plan {

// Whether that is the same in the end: both go over the same rows in the same way, and neither asks for what the other
// sets.
bool can_be_one(const Step& step, const Step& other);

// One step of several of which each can be one with each other.
Step one_of(const std::vector<Step>& steps);

}  // namespace segue::plan
