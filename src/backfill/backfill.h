// Changes many rows in small transactions while the application writes.
//
// One batch is one pipelined transaction: the fence, which raises when the range is no longer ours, the rows, the
// cursor. So a batch is done exactly once, whoever is killed when. The table is cut into disjoint ranges, along its key
// or by its pages, up to a bound that is frozen at the start; each worker has a session of its own and takes the next
// range. Then, unless one pass is all that is wanted, every range is looked at again: rows that are not right are
// repaired by the same path, until a pass finds none. A batch that meets a lock gives way and is tried again, smaller;
// a row that is held for longer is passed over and visited again. A row whose values, constraints or triggers refuse it
// is set aside (quarantine.h) and the rest goes on; at the end the limit decides.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "backfill/tuning.h"
#include "pg/connection.h"
#include "plan/step.h"

namespace segue::backfill {

struct Progress {
  std::int64_t rows = 0;           // changed so far, in all runs of this step
  double share = 0;                // of what there is to be done, 0 to 1
  double rows_per_second = 0;      // of late, without the time in which it held still
  double least_s = 0, most_s = 0;  // what is left takes between the two; 0: not known yet
  std::int64_t batch = 0;
  int workers = 1;
  bool comparing = false;
  std::string held;    // why it holds still now: "replication lag 12 s, limit 10 s"
  std::string slowed;  // why it is slower than it could be
};

struct Settings {
  std::int64_t step = 0;                       // in the ledger
  std::int64_t epoch = 0;                      // of the runner
  std::int64_t failed_rows = 0;                // so many may stay as they are; more are an error at the end
  double target_ms = 25;                       // a batch lasts about so long: half the lock budget
  double lock_deadline_s = 600;                // so long a row that somebody holds is tried
  bool silent = false;                         // the user's own triggers do not fire
  std::function<bool(const Progress&)> go_on;  // false: stop after this batch
  // While somebody holds a row: for how long, and who.
  std::function<void(double seconds, const std::string& who)> waits = {};
  // A session of a further worker; without it there is one worker, who uses the session of run().
  std::function<Result<pg::Connection>()> open = {};
  // What may change while it runs.
  std::function<Tuning()> tuning = {};
  // What is worth a line in the log: a code and words.
  std::function<void(const std::string& code, const std::string& text)> note = {};
};

// The rows that were changed in all runs of this step. Stopped by go_on: the error "stopped" (exit 4).
Result<std::int64_t> run(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings);

}  // namespace segue::backfill
