// One runner at a time: a session advisory lock, taken by polling (a waiting one deadlocks with CREATE INDEX
// CONCURRENTLY), and a row that tells everybody who it is. The lock decides, the row only tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pg/connection.h"

namespace segue::ledger {

// Tries for up to `patience_ms`: a session that was just killed needs a moment to be gone. The new epoch; or the error
// "another-runner" (exit 4) that says who it is.
Result<std::int64_t> become_runner(pg::Connection& connection, const std::string& migration, int patience_ms);

// With how the backfill that is under way fares, as JSON; empty: none is.
Status heartbeat(pg::Connection& connection, std::int64_t epoch, const std::string& progress);

// Asks the runner to stop after its batch; taken back by the next one.
Status request_pause(pg::Connection& connection);
Result<bool> pause_requested(pg::Connection& connection, std::int64_t epoch);

// Who runs now, or ran last.
struct Runner {
  std::string who;  // "ann on host (process 4711)"
  std::string migration;
  std::string silent_s;  // since its last sign of life
  std::string backend_pid;
  std::string progress;  // JSON, or empty
};
Result<std::optional<Runner>> last_runner(pg::Connection& connection);

// Whether somebody holds the lock now.
Result<bool> runner_is_there(pg::Connection& connection);

}  // namespace segue::ledger
