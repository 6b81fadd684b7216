// The statement that changes the rows of a batch, and what its errors mean.
#pragma once

#include <string>

#include "plan/step.h"

namespace segue::backfill {

// UPDATE … SET … FROM … WHERE `which` and the row is pending.
std::string update_text(const plan::BackfillJob& job, const std::string& which);

// A lock or another transaction stood in the way: the same again a little later.
bool gives_way(const std::string& sqlstate);

// One row, not the batch, is to blame: its values, a constraint, or a trigger that refuses it.
bool is_about_a_row(const std::string& sqlstate);

}  // namespace segue::backfill
