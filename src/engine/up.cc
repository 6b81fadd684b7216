#include "engine/up.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "engine/boundary.h"
#include "engine/catalog_now.h"
#include "engine/changed_files.h"
#include "engine/gates.h"
#include "engine/hooks.h"
#include "engine/perform.h"
#include "engine/plan_for.h"
#include "engine/preflight.h"
#include "engine/restore_kept.h"
#include "engine/turn_round.h"
#include "engine/usage.h"
#include "ledger/event.h"
#include "ledger/schema.h"
#include "pg/own_session.h"
#include "plan/compile.h"

namespace segue::engine {
namespace {

using migration::Phase;
using migration::text;

tl::unexpected<Error> stopped_by_hazard(const plan::Plan& plan) {
  const auto hazard =
      std::find_if(plan.findings.begin(), plan.findings.end(), [](const auto& one) { return one.hazard; });
  return tl::unexpected(Error{hazard->code, hazard->message, hazard->where, hazard->hint, {}, Exit::findings});
}

std::vector<ledger::StepRow> rows_of(const plan::Plan& plan) {
  std::vector<ledger::StepRow> rows;
  for (const auto& step : plan.steps) {
    ledger::StepRow row;
    row.ordinal = static_cast<int>(rows.size()) + 1;
    row.phase = text(step.phase);
    row.move = step.move;
    row.kind = step.kind;
    row.sql = plan::sql_text(step.up);
    for (const auto& action : step.down) row.undo += (row.undo.empty() ? "" : "\n") + plan::sql_text(action);
    rows.push_back(std::move(row));
  }
  return rows;
}

tl::unexpected<Error> no_go() {
  return refused("no-go", "no rehearsal of this plan has said go",
                 "this version of segue cannot rehearse yet: say --without-rehearsal, which is recorded");
}

// A run and its steps come into the ledger together, or not at all.
Status start_run(Work& work, const UpRequest& request) {
  auto plan = TRY(plan_for(*request.file, work.connection));
  if (plan.has_hazard()) return stopped_by_hazard(plan);
  if (!request.without_rehearsal) return no_go();
  ledger::NewRun run;
  run.migration = plan.migration;
  run.about = plan.about;
  run.plan_hash = plan.hash;
  run.plan = plan::to_stored(plan);
  run.sources = plan.sources;
  run.host = request.host;
  run.version = SEGUE_VERSION;
  work.plan.lock_deadline_s = plan.lock_deadline_s;
  run.catalog_before = TRY(catalog_now(work));
  TRY(work.connection.begin());
  const auto id = ledger::add_run(work.connection, run);
  if (!id) {
    work.connection.rollback();
    return tl::unexpected(id.error());
  }
  auto added = ledger::add_steps(work.connection, *id, rows_of(plan));
  if (added) added = keep_files(work.connection, *id, *request.file);
  if (!added) {
    work.connection.rollback();
    return added;
  }
  const auto commit = work.connection.commit();
  if (commit.outcome != pg::CommitOutcome::committed) return tl::unexpected(commit.error);
  const auto begun = TRY(ledger::newest_run(work.connection, plan.migration));
  TRY(work.use(*begun));
  return work.log("info", "run-begins",
                  fmt::format("plan {}, {} steps, without rehearsal", plan.hash, plan.steps.size()));
}

// Somebody may have changed the catalog since the last boundary: that is his right, and may be what fails later.
Status warn_of_drift(Work& work) {
  if (work.run.completed.empty() || work.run.completed != work.run.phase) return {};
  const auto left = TRY(work.connection.query("SELECT value FROM segue.baseline WHERE run_id = $1 AND name = $2",
                                              {work.run.id, "catalog after " + work.run.completed}));
  if (left.empty() || left.string(0, 0) == TRY(catalog_now(work))) return {};
  Event event;
  event.ok = false;
  event.message = fmt::format("the catalog is not as segue left it after {}: somebody has changed it meanwhile",
                              work.run.completed);
  work.tell(event);
  return work.log("warning", "catalog-changed", event.message);
}

Status find_or_start(Work& work, const UpRequest& request) {
  const auto newest = TRY(ledger::newest_run(work.connection, request.file->name));
  if (!newest || !newest->open()) return start_run(work, request);
  TRY(work.use(*newest));
  if (newest->direction == "down" && !request.give_up_rollback) {
    return refused("rollback-under-way", "a rollback of this migration is under way",
                   fmt::format("finish it first: segue rollback {0}; or give it up: segue run {0} --give-up-rollback",
                               newest->migration));
  }
  TRY(warn_of_drift(work));
  if (newest->sources != plan::fingerprint_of_sources(*request.file)) {
    const auto changes = TRY(what_changed(work.connection, newest->id, *request.file));
    return refused("file-changed",
                   "the migration's files have changed since this run began" + (changes.empty() ? "" : ": " + changes),
                   fmt::format("put them back as they were, or go back to the beginning first: segue rollback {}",
                               newest->migration));
  }
  return newest->direction == "down" ? turn_round(work) : Status();
}

// A rollback that was given up may have left out what would have been undone right after: the step finds it gone.
Missing missing_of(const plan::Step& step, const ledger::StepRow& row) {
  const bool left_out = std::any_of(step.down.begin(), step.down.end(),
                                    [](const auto& action) { return !action.needless_if_undone.empty(); });
  return left_out && row.attempts > 0 ? Missing::is_fine : Missing::fails;
}

Status one_step(Work& work, const plan::Step& step, ledger::StepRow& row) {
  Event event;
  event.kind = Event::Kind::step_begins;
  event.phase = text(step.phase);
  event.step = step.id;
  event.title = plan::headline(step);
  event.rows_total = step.rows;
  work.tell(event);

  const Stopwatch watch;
  const bool one_transaction = step.up.kind == plan::ActionKind::transaction;
  // The first row of an earlier run has come back, perhaps under another name.
  const bool there_already = step.kind == "first row" && TRY(work.first_is_there());
  if (!one_transaction) TRY(ledger::execute(work.connection, ledger::begin_step(row.id)));
  const auto done = perform(
      work, there_already ? plan::Action() : step.up, step, row.id,
      [&](std::int64_t rows) {
        std::vector<ledger::Statement> journal;
        if (one_transaction) journal.push_back(ledger::begin_step(row.id));
        journal.push_back(ledger::finish_step(row.id, rows));
        return journal;
      },
      missing_of(step, row));
  if (!done) {
    if (!work.connection.lost() && done.error().exit != Exit::stopped) {
      TRY(ledger::fail_step(work.connection, row.id, done.error().message));
    }
    Error error = done.error();
    if (error.where.empty()) error.where = fmt::format("step {} ({})", step.id, step.title);
    // The server's advice, if it has one, comes first.
    const bool of_server = !error.sqlstate.empty() || error.hint.empty();
    if (of_server && error.exit == Exit::failed) {
      error.hint += fmt::format(
          "{}{} and both applications go on working: mend the cause and run the same command again, or go back: segue "
          "{} {}",
          error.hint.empty() ? "" : "; ",
          step.up.kind == plan::ActionKind::backfill ? "what was carried stays" : "nothing of this step was kept",
          step.phase == Phase::contract ? "restore" : "rollback", work.plan.migration);
    }
    return tl::unexpected(error);
  }
  if (step.kind == "first row") TRY(work.first_key());
  if (step.kind == "first row" && done->rows > 0) TRY(work.note_first_made());
  TRY(ledger::note_lock(work.connection, row.id, done->longest_wait_ms, done->held_ms,
                        one_transaction ? done->rows : 0));
  TRY(work.log("info", "step-done", fmt::format("{}: {}", step.id, step.title)));
  row.state = "done";
  event.kind = Event::Kind::step_done;
  event.rows = done->rows;
  event.seconds = watch.seconds();
  work.tell(event);
  return {};
}

Status one_phase(Work& work, Phase phase, BackupWanted backup) {
  TRY(pass_gates(work, phase, false));
  TRY(pass_checks(work, "before " + text(phase)));
  TRY(run_hooks(work, "before " + text(phase)));
  TRY(ledger::set_phase(work.connection, work.run.id, text(phase)));
  work.run.phase = text(phase);
  Event event;
  event.kind = Event::Kind::phase_begins;
  event.phase = text(phase);
  work.tell(event);

  const Stopwatch watch;
  if (phase == Phase::prepare) TRY(pass_preflight(work));
  if (phase == Phase::prepare) TRY(take_backup(work, backup));
  if (phase == Phase::prepare) TRY(take_baseline(work));
  for (std::size_t at = 0; at < work.plan.steps.size(); ++at) {
    if (work.plan.steps[at].phase != phase || work.steps[at].state == "done") continue;
    if (work.asked_to_stop()) return tl::unexpected(work.stopped());
    TRY(one_step(work, work.plan.steps[at], work.steps[at]));
  }
  TRY(run_hooks(work, "after " + text(phase)));
  TRY(pass_checks(work, "after " + text(phase)));
  if (phase == Phase::switch_over) TRY(pass_probes(work));
  TRY(work.connection.execute(
      "INSERT INTO segue.baseline (run_id, name, value) VALUES ($1, $2, $3) ON CONFLICT (run_id, name) DO UPDATE SET "
      "value = excluded.value",
      {work.run.id, "catalog after " + text(phase), TRY(catalog_now(work))}));
  TRY(ledger::set_completed(work.connection, work.run.id, text(phase)));
  work.run.completed = text(phase);
  if (phase == Phase::switch_over || phase == Phase::grace) TRY(look_at_usage(work.connection, work.run.id, work.plan));
  TRY(work.log("info", "phase-done", text(phase)));
  event.kind = Event::Kind::phase_done;
  event.seconds = watch.seconds();
  work.tell(event);
  return {};
}

Status all_phases(Work& work, Phase to, BackupWanted backup) {
  const auto completed = migration::phase_named(work.run.completed);
  for (const auto phase : migration::all_phases) {
    if ((completed && phase <= *completed) || phase > to) continue;
    if (work.asked_to_stop()) return tl::unexpected(work.stopped());
    TRY(one_phase(work, phase, backup));
  }
  return {};
}

// The state of a run that ended with this error; at a gate it is written already.
Status note_end(Work& work, const Error& error) {
  if (work.connection.lost()) return {};
  TRY(ledger::count_up(work.connection, work.run.id));
  if (error.exit == Exit::waiting) return {};
  TRY(work.log("error", error.code, error.message));
  return ledger::set_state(work.connection, work.run.id, error.exit == Exit::stopped ? "stopped" : "failed");
}

std::string state_at(Phase reached) {
  if (reached == Phase::contract) return "contracted";
  return reached == Phase::grace ? "grace" : "stopped";
}

// What is refused is refused before anything is made, the ledger included.
Status refuse_early(const UpRequest& request) {
  auto looking = TRY(pg::open_own_session(request.options.database, "segue"));
  TRY(fit_to_begin(looking));
  if (TRY(ledger::exists(looking))) {
    const auto newest = TRY(ledger::newest_run(looking, request.file->name));
    if (newest && newest->open()) return {};
  }
  const auto plan = TRY(plan::compile(*request.file, looking));
  if (plan.has_hazard()) return stopped_by_hazard(plan);
  if (request.to == Phase::contract) {
    return refused("not-there-yet", fmt::format("'{}' was not run on this database yet", plan.migration),
                   fmt::format("first: segue run {} --without-rehearsal", plan.migration));
  }
  if (!request.without_rehearsal) return no_go();
  return backup_can_be_taken(looking, request.backup);
}

// The run stands at the end of this phase, and its row says so.
Status settle(Work& work, Phase reached) {
  TRY(ledger::count_up(work.connection, work.run.id));
  if (reached == Phase::contract) return ledger::finish(work.connection, work.run.id, state_at(reached));
  return ledger::set_state(work.connection, work.run.id, state_at(reached));
}

}  // namespace

Result<UpOutcome> go_up(const UpRequest& request) {
  TRY(refuse_early(request));
  auto work = TRY(Work::begin(request.options, request.file->name));
  TRY(find_or_start(*work, request));
  // Whoever was withdrawn for a rollback that is not wanted any more may be back.
  std::vector<std::string> of_rollback;
  for (const auto& gate : work->plan.gates) {
    if (gate.on_rollback) of_rollback.push_back(gate.name);
  }
  TRY(ledger::void_approvals(work->connection, work->run.id, of_rollback));
  const auto completed = migration::phase_named(work->run.completed);
  if (completed && *completed >= request.to) {
    // Rows of an earlier rollback that did not fit: perhaps there is room for them now.
    if (*completed >= Phase::switch_over && *completed < Phase::contract) TRY(restore_kept(*work, {}));
    // Killed before it could say so, or it waits at a gate of a rollback that nobody wants any more.
    if (work->run.state != state_at(*completed)) TRY(settle(*work, *completed));
    const auto now = TRY(ledger::newest_run(work->connection, work->run.migration));
    return UpOutcome{*completed, now->state, now->rows, false};
  }
  TRY(ledger::set_up_to(work->connection, work->run.id, text(request.to)));
  TRY(ledger::set_state(work->connection, work->run.id, "running"));
  if (const auto done = all_phases(*work, request.to, request.backup); !done) {
    const auto error = work->as_told(done.error());
    TRY(note_end(*work, error));
    return tl::unexpected(error);
  }
  TRY(settle(*work, request.to));
  const auto now = TRY(ledger::newest_run(work->connection, work->run.migration));
  return UpOutcome{request.to, now->state, now->rows, true};
}

}  // namespace segue::engine
