// NOT NULL on a column of a table in use: proved by a check that is validated without keeping anybody waiting, then
// set without reading a row.
#pragma once

#include "plan/draft.h"

namespace segue::plan {

// The check comes and is proved in `prove`, NOT NULL is set and the check goes in `set`.
void add_not_null(Draft& draft, const Table& table, const std::string& column, const std::string& move,
                  Phase prove = Phase::validate, Phase set = Phase::enforce);

// The same for a way back: one action after the other.
std::vector<Action> not_null_again(const Table& table, const std::string& column);

}  // namespace segue::plan
