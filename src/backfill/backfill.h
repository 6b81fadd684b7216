// Changes many rows in small transactions while the application writes.
//
// One batch is one pipelined transaction: the fence, which raises when the range is no longer ours, the rows, the
// cursor. So a batch is done exactly once, whoever is killed when. Batches follow the key, up to a bound that is frozen
// at the start; a table without a key is passed over by pages until a pass finds nothing. A batch that meets a lock
// gives way and is tried again, smaller. A row whose values, constraints or triggers refuse it is set aside
// (quarantine.h) and the rest goes on; at the end the limit decides. It ends when no other row is pending, or with an
// error that names the reason and, where one row is it, the row.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "pg/connection.h"
#include "plan/step.h"

namespace segue::backfill {

struct Progress {
  std::int64_t rows = 0;  // changed so far, in all runs of this step
  double share = 0;       // of the key range, 0 to 1
  double rows_per_second = 0;
  std::int64_t batch = 0;
};

struct Settings {
  std::int64_t step = 0;                       // in the ledger
  std::int64_t epoch = 0;                      // of the runner
  std::int64_t failed_rows = 0;                // so many may stay as they are; more are an error at the end
  double target_ms = 25;                       // a batch lasts about so long: half the lock budget
  double lock_deadline_s = 600;                // so long a row that somebody holds is tried
  std::function<bool(const Progress&)> go_on;  // false: stop after this batch
  // While somebody holds a row: for how long, and who.
  std::function<void(double seconds, const std::string& who)> waits = {};
};

// The rows that were changed in all runs of this step. Stopped by go_on: the error "stopped" (exit 4).
Result<std::int64_t> run(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings);

}  // namespace segue::backfill
