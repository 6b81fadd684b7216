// Steps of a run in the ledger, and what happened to each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::ledger {

struct StepRow {
  std::int64_t id = 0;
  int ordinal = 0;
  std::string phase;
  std::string move;
  std::string kind;
  std::string state = "pending";
  int undone_actions = 0;
  int attempts = 0;
  std::int64_t rows = 0;
  std::string sql;
  std::string undo;
  std::string error;
  double hold_ms = 0;
};

Status add_steps(pg::Connection& connection, std::int64_t run, const std::vector<StepRow>& steps);
Result<std::vector<StepRow>> steps_of(pg::Connection& connection, std::int64_t run);

// In the transaction that does the step's work, or, for what cannot run in one, before (begin) and after it.
Status begin_step(pg::Connection& connection, std::int64_t step);
Status finish_step(pg::Connection& connection, std::int64_t step, std::int64_t rows);
Status fail_step(pg::Connection& connection, std::int64_t step, const std::string& error);
Status note_lock(pg::Connection& connection, std::int64_t step, double waited_ms, double held_ms);

// One undo action more is done; all of them: the step is undone.
Status undo_action_done(pg::Connection& connection, std::int64_t step, int done, bool all);
// An undone step is to be run again.
Status reset_undone(pg::Connection& connection, std::int64_t run);

}  // namespace segue::ledger
