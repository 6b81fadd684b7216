// The range of a backfill in the ledger: its bound, its cursor, and whose it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pg/connection.h"

namespace segue::backfill {

struct Range {
  std::int64_t id = 0;
  std::string hi;                     // a position; empty: the table had no row
  std::optional<std::string> cursor;  // none: nothing carried yet
  std::int64_t rows = 0;
  bool done = false;
};

// The range of this step, made if it is not there, and ours from now on: an older runner's batch raises at its fence.
Result<Range> take_range(pg::Connection& connection, std::int64_t step, std::int64_t epoch, const std::string& hi);

// Begins again from the first row, up to a new bound.
Status restart(pg::Connection& connection, Range& range, const std::string& hi);
Status finish(pg::Connection& connection, const Range& range);

// The fence: the first statement of a batch. It moves the cursor from $3 to $4 if the range is still ours ($1 the
// range, $2 the epoch), and divides by zero if it is not.
extern const char* const fence;

}  // namespace segue::backfill
