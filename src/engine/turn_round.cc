#include "engine/turn_round.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/perform.h"
#include "engine/restore_kept.h"
#include "ledger/event.h"

namespace segue::engine {
namespace {

using migration::Phase;

// The checks that kept more such rows from coming would be in the new application's way.
Status unseal(Work& work, const plan::Step& step) {
  for (const auto& rule : step.keep) {
    const auto sealed = TRY(work.connection.query(
        "SELECT FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = 'segue_seal'", {rule.table}));
    if (sealed.empty()) continue;
    plan::Action action;
    action.sql = {fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS segue_seal", rule.table)};
    action.locks = {{rule.table, "ACCESS EXCLUSIVE"}};
    TRY(perform(work, action, step, 0, no_journal));
  }
  return {};
}

// The phase before the lowest one of which something is undone; empty: before the first.
std::string completed_now(const Work& work) {
  auto completed = migration::phase_named(work.run.completed);
  for (std::size_t at = 0; at < work.steps.size(); ++at) {
    if (work.steps[at].state != "undone") continue;
    const auto phase = work.plan.steps[at].phase;
    if (phase == Phase::prepare) return {};
    const auto below = static_cast<Phase>(static_cast<int>(phase) - 1);
    if (completed && below < *completed) completed = below;
  }
  return completed ? migration::text(*completed) : std::string();
}

// A column that is still there holds what counts, not what was kept of it.
Status forget_values(Work& work, const plan::Step& step) {
  for (const auto& rule : step.keep) {
    if (rule.what != plan::KeepWhat::values) continue;
    TRY(
        work.connection.execute("UPDATE segue.kept_row SET row = row - $3::text[] WHERE run_id = $1 AND table_name = "
                                "$2 AND what = 'values' AND state "
                                "= 'kept' AND row ?| $3::text[]",
                                {work.run.id, plan::display_table(rule.table), rule.columns}));
  }
  return work.connection.execute("DELETE FROM segue.kept_row WHERE run_id = $1 AND what = 'values' AND row = '{}'",
                                 {work.run.id});
}

// What a check had proved is undone, the check itself was to go a little later and is still down as there: its own undo
// was left out for that. It comes again.
Status checks_come_again(Work& work) {
  const auto to = migration::phase_named(work.run.going_to).value_or(Phase::prepare);
  for (std::size_t at = 0; at < work.steps.size(); ++at) {
    const auto& step = work.plan.steps[at];
    if (work.steps[at].state != "undone" || step.kind != "drop check") continue;
    for (std::size_t other = 0; other < work.steps.size(); ++other) {
      if (work.steps[other].state != "done" || step.down.empty()) continue;
      const auto& check = work.plan.steps[other];
      if (check.id != step.down.front().needless_if_undone || check.phase <= to) continue;
      work.steps[other].state = "undone";
      TRY(ledger::execute(work.connection, ledger::undo_action_done(work.steps[other].id, 0, true)));
    }
  }
  return {};
}

Status note_it(Work& work) {
  const auto completed = completed_now(work);
  std::vector<std::string> gates;
  for (const auto& gate : work.plan.gates) {
    const auto reached = migration::phase_named(completed);
    if (gate.on_rollback || !reached || gate.before > *reached) gates.push_back(gate.name);
  }
  TRY(work.connection.begin());
  TRY(ledger::reset_undone(work.connection, work.run.id));
  TRY(ledger::void_approvals(work.connection, work.run.id, gates));
  TRY(ledger::set_completed(work.connection, work.run.id, completed));
  TRY(ledger::set_direction(work.connection, work.run.id, "up"));
  TRY(work.log("info", "turned-round", "the rollback was given up; it had come down to the end of " + completed));
  const auto commit = work.connection.commit();
  if (commit.outcome != pg::CommitOutcome::committed) return tl::unexpected(commit.error);
  return {};
}

}  // namespace

Status turn_round(Work& work) {
  const auto half =
      std::find_if(work.steps.begin(), work.steps.end(), [](const auto& row) { return row.state == "undoing"; });
  if (half != work.steps.end()) {
    const auto& step = work.plan.steps[static_cast<std::size_t>(half->ordinal) - 1];
    return refused("half-undone", fmt::format("step {} ({}) is half undone", step.id, step.title),
                   fmt::format("finish the rollback first: segue rollback {}", work.run.migration));
  }
  bool swapped = work.plan.swaps.empty();
  std::vector<std::string> tables;
  for (std::size_t at = 0; at < work.steps.size(); ++at) {
    const auto& step = work.plan.steps[at];
    if (work.steps[at].state != "done") continue;
    swapped = swapped || step.kind == "swap names";
    TRY(unseal(work, step));
    TRY(forget_values(work, step));
    for (const auto& rule : step.keep) {
      if (rule.what != plan::KeepWhat::values) tables.push_back(rule.table);
    }
  }
  TRY(checks_come_again(work));
  TRY(note_it(work));
  const auto now = TRY(ledger::newest_run(work.connection, work.run.migration));
  TRY(work.use(*now));
  // Before the names are swapped a kept row speaks of columns that mean something else.
  if (!swapped) {
    std::erase_if(tables, [&](const auto& table) {
      return std::any_of(work.plan.swaps.begin(), work.plan.swaps.end(),
                         [&](const auto& one) { return one.table == table; });
    });
  }
  TRY(restore_kept(work, tables));
  return {};
}

}  // namespace segue::engine
