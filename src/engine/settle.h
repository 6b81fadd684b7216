// Rows whose source changed in the moment in which they were written are looked at again (plan/moves/follow.h).
#pragma once

#include <cstdint>
#include <string>

#include "engine/work.h"

namespace segue::engine {

// At most so many changes are gone through in one call.
inline constexpr int few_changes = 50;

// One call of the function, where it is there; how many changes are left.
Result<std::int64_t> settle_once(pg::Connection& connection, const std::string& function, int most);

// Goes through them for about a second; how many are left, at most few_changes are told. Changes that a transaction of
// long ago could still have missed stay noted.
Result<std::int64_t> settle(Work& work);

// The same after a look at every row, whatever is noted.
Result<std::int64_t> settle_all_rows(Work& work);

}  // namespace segue::engine
