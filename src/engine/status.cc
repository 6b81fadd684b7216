#include "engine/status.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "engine/gates.h"
#include "ledger/event.h"
#include "ledger/runner.h"
#include "ledger/schema.h"
#include "ledger/step.h"
#include "plan/plan.h"

namespace segue::engine {
namespace {

Result<std::string> gate_command(pg::Connection& connection, const ledger::Run& run, const plan::Plan& plan) {
  for (const auto& gate : plan.gates) {
    if (gate.name != run.waiting_for) continue;
    const auto next = signatures(gate, TRY(ledger::approvals_of(connection, run.id)));
    return opening_command(plan.migration, gate, next.role);
  }
  return std::string();
}

Result<std::string> next_command(pg::Connection& connection, const ledger::Run& run, const plan::Plan& plan,
                                 bool running) {
  if (running) return "segue status " + run.migration;
  if (run.state == "waiting") return gate_command(connection, run, plan);
  if (run.state == "rolled_back") return fmt::format("segue run {} --without-rehearsal", run.migration);
  if (run.direction == "down") return "segue rollback " + run.migration;
  if (run.state == "grace") return "segue finish " + run.migration;
  if (run.state == "contracted") return "segue purge " + run.migration;
  if (run.state == "purged") return std::string();
  return fmt::format("segue run {} --without-rehearsal", run.migration);
}

Status count_steps(pg::Connection& connection, const ledger::Run& run, const plan::Plan& plan, Standing& standing) {
  const auto steps = TRY(ledger::steps_of(connection, run.id));
  standing.steps_total = static_cast<int>(steps.size());
  for (std::size_t at = 0; at < steps.size() && at < plan.steps.size(); ++at) {
    const auto& row = steps[at];
    const auto& step = plan.steps[at];
    const bool done = row.state == "done";
    standing.steps_done += done ? 1 : 0;
    if (step.up.kind == plan::ActionKind::backfill) {
      standing.rows_total += std::max(step.rows, row.rows);
      standing.rows_done += row.rows;
    }
    if (!row.error.empty()) standing.error = row.error;
    if (!done && standing.step.empty() && run.direction == "up") {
      standing.step = step.id;
      standing.step_title = step.title;
    }
    if (row.state == "undoing") standing.step = step.id, standing.step_title = step.title;
  }
  // A backfill that is under way has its rows in its range only.
  const auto live =
      TRY(connection.query("SELECT coalesce(sum(r.rows), 0)::bigint FROM segue.backfill_range r JOIN segue.step s ON "
                           "s.id = r.step_id WHERE s.run_id = $1 AND "
                           "s.state = 'running'",
                           {run.id}));
  standing.rows_done += live.integer(0, 0);
  return {};
}

Status who_runs(pg::Connection& connection, const ledger::Run& run, Standing& standing) {
  if (!TRY(ledger::runner_is_there(connection))) return {};
  const auto runner = TRY(ledger::last_runner(connection));
  if (!runner || runner->migration != run.migration) return {};
  standing.running = true;
  standing.progress = progress_from(runner->progress);
  standing.runner = fmt::format("{}, last sign of life {} s ago", runner->who, runner->silent_s);
  const auto blockers =
      TRY(connection.query("SELECT a.pid::text, coalesce(a.usename, '?'), coalesce(nullif(a.application_name, ''), "
                           "'?'), coalesce(a.state, '?'), "
                           "left(coalesce(a.query, ''), 80) FROM unnest(pg_blocking_pids($1::int)) b(pid) JOIN "
                           "pg_stat_activity a USING (pid)",
                           {runner->backend_pid}));
  for (std::size_t row = 0; row < blockers.size(); ++row) {
    standing.blockers.push_back(fmt::format("process {} ({}, {}), {}: {}", blockers.text(row, 0), blockers.text(row, 1),
                                            blockers.text(row, 2), blockers.text(row, 3), blockers.text(row, 4)));
  }
  return {};
}

}  // namespace

Result<std::optional<Standing>> standing(pg::Connection& connection, const std::string& migration) {
  if (!TRY(ledger::exists(connection))) return std::optional<Standing>();
  const auto run = TRY(ledger::newest_run(connection, migration));
  if (!run) return std::optional<Standing>();
  const auto plan = TRY(plan::from_stored(run->plan));
  Standing standing;
  standing.migration = run->migration;
  standing.about = run->about;
  standing.state = run->state;
  standing.phase = run->phase;
  standing.completed = run->completed;
  standing.direction = run->direction;
  standing.waiting_for = run->waiting_for;
  standing.since = run->started_at;
  standing.plan_hash = run->plan_hash;
  TRY(count_steps(connection, *run, plan, standing));
  TRY(who_runs(connection, *run, standing));
  // A runner that was killed leaves "running" behind.
  if (standing.state == "running" && !standing.running) standing.state = "stopped";
  if (standing.state != "failed") standing.error.clear();
  if (standing.state == "failed" && standing.error.empty()) {
    const auto last = TRY(connection.query(
        "SELECT message FROM segue.event WHERE run_id = $1 AND level = 'error' ORDER BY id DESC LIMIT 1", {run->id}));
    if (!last.empty()) standing.error = last.string(0, 0);
  }
  const auto kept = TRY(connection.query(
      "SELECT count(*) FROM segue.kept_row WHERE migration = $1 AND state <> 'restored'", {run->migration}));
  standing.kept_rows = kept.integer(0, 0);
  const auto failed = TRY(connection.query(
      "SELECT count(*) FROM segue.failed_row f JOIN segue.step s ON s.id = f.step_id WHERE s.run_id = $1 AND f.state = "
      "'failed'",
      {run->id}));
  standing.failed_rows = failed.integer(0, 0);
  standing.next_command = TRY(next_command(connection, *run, plan, standing.running));
  return std::optional(standing);
}

Json to_json(const Standing& standing) {
  return {{"migration", standing.migration},
          {"state", standing.state},
          {"phase", standing.phase},
          {"step", standing.step},
          {"steps_done", standing.steps_done},
          {"steps_total", standing.steps_total},
          {"rows_done", standing.rows_done},
          {"rows_total", standing.rows_total},
          {"waiting_for", standing.waiting_for},
          {"blockers", standing.blockers},
          {"next_command", standing.next_command},
          {"completed", standing.completed},
          {"direction", standing.direction},
          {"running", standing.running},
          {"runner", standing.runner},
          {"progress", standing.progress ? to_json(*standing.progress) : Json()},
          {"error", standing.error},
          {"kept_rows", standing.kept_rows},
          {"failed_rows", standing.failed_rows},
          {"since", standing.since},
          {"plan_hash", standing.plan_hash}};
}

}  // namespace segue::engine
