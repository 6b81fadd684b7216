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

// What is to be written in the transaction that does the work, in one go with it.
struct Statement {
  std::string sql;
  pg::Params params;
};

// In the transaction that does the step's work, or, for what cannot run in one, before (begin) and after it.
Statement begin_step(std::int64_t step);
Statement finish_step(std::int64_t step, std::int64_t rows);
// One undo action more is done; all of them: the step is undone.
Statement undo_action_done(std::int64_t step, int done, bool all);

Status execute(pg::Connection& connection, const Statement& statement);

Status fail_step(pg::Connection& connection, std::int64_t step, const std::string& error);
// What is known only after the commit.
Status note_lock(pg::Connection& connection, std::int64_t step, double waited_ms, double held_ms, std::int64_t rows);
// An undone step is to be run again.
Status reset_undone(pg::Connection& connection, std::int64_t run);

}  // namespace segue::ledger
