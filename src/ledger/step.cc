#include "ledger/step.h"

namespace segue::ledger {

Status add_steps(pg::Connection& connection, std::int64_t run, const std::vector<StepRow>& steps) {
  pg::Pipeline pipeline(connection);
  for (const auto& step : steps) {
    pipeline.add(
        "INSERT INTO segue.step (run_id, ordinal, phase, move, kind, sql, undo) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {run, step.ordinal, step.phase, step.move, step.kind, step.sql, step.undo});
  }
  TRY(pipeline.run());
  return {};
}

Result<std::vector<StepRow>> steps_of(pg::Connection& connection, std::int64_t run) {
  const auto rows =
      TRY(connection.query("SELECT id, ordinal, phase, move, kind, state, undone_actions, attempts, rows, sql, undo, "
                           "coalesce(error, ''), hold_ms FROM "
                           "segue.step WHERE run_id = $1 ORDER BY ordinal",
                           {run}));
  std::vector<StepRow> steps;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    StepRow step;
    step.id = rows.integer(row, 0);
    step.ordinal = static_cast<int>(rows.integer(row, 1));
    step.phase = rows.string(row, 2);
    step.move = rows.string(row, 3);
    step.kind = rows.string(row, 4);
    step.state = rows.string(row, 5);
    step.undone_actions = static_cast<int>(rows.integer(row, 6));
    step.attempts = static_cast<int>(rows.integer(row, 7));
    step.rows = rows.integer(row, 8);
    step.sql = rows.string(row, 9);
    step.undo = rows.string(row, 10);
    step.error = rows.string(row, 11);
    step.hold_ms = rows.real(row, 12);
    steps.push_back(std::move(step));
  }
  return steps;
}

Statement begin_step(std::int64_t step) {
  return {
      "UPDATE segue.step SET state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now()), "
      "error = NULL WHERE id = $1",
      {step}};
}

Statement finish_step(std::int64_t step, std::int64_t rows) {
  return {
      "UPDATE segue.step SET state = 'done', rows = rows + $2, finished_at = clock_timestamp(), undone_actions = 0, "
      "error = NULL WHERE id = $1",
      {step, rows}};
}

Statement undo_action_done(std::int64_t step, int done, bool all) {
  return {
      "UPDATE segue.step SET undone_actions = $2, state = CASE WHEN $3 THEN 'undone' ELSE 'undoing' END, finished_at = "
      "clock_timestamp() WHERE id = $1",
      {step, done, all}};
}

Status execute(pg::Connection& connection, const Statement& statement) {
  return connection.execute(statement.sql, statement.params);
}

Status fail_step(pg::Connection& connection, std::int64_t step, const std::string& error) {
  return connection.execute("UPDATE segue.step SET state = 'failed', error = $2 WHERE id = $1 AND state <> 'done'",
                            {step, error});
}

Status note_lock(pg::Connection& connection, std::int64_t step, double waited_ms, double held_ms, std::int64_t rows) {
  return connection.execute(
      "UPDATE segue.step SET lock_wait_ms = greatest(lock_wait_ms, $2::real), hold_ms = greatest(hold_ms, $3::real), "
      "rows = rows + $4 WHERE id = $1",
      {step, waited_ms, held_ms, rows});
}

Status reset_undone(pg::Connection& connection, std::int64_t run) {
  TRY(
      connection.execute("DELETE FROM segue.backfill_range WHERE step_id IN (SELECT id FROM segue.step WHERE run_id = "
                         "$1 AND state = 'undone')",
                         {run}));
  TRY(
      connection.execute("INSERT INTO segue.baseline (run_id, name, value) SELECT run_id, 'again ' || id, now()::text "
                         "FROM segue.step WHERE "
                         "run_id = $1 AND state = 'undone' ON CONFLICT DO NOTHING",
                         {run}));
  return connection.execute(
      "UPDATE segue.step SET state = 'pending', undone_actions = 0, rows = 0, error = NULL WHERE run_id = $1 AND state "
      "= 'undone'",
      {run});
}

}  // namespace segue::ledger
