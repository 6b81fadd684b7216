// What the errors of a batch mean.
#pragma once

#include <string>

namespace segue::backfill {

// A lock or another transaction stood in the way: the same again a little later.
bool gives_way(const std::string& sqlstate);

// One row, not the batch, is to blame: its values, a constraint, or a trigger that refuses it.
bool is_about_a_row(const std::string& sqlstate);

}  // namespace segue::backfill
