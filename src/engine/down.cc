#include "engine/down.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "backfill/range.h"
#include "base/clock.h"
#include "engine/boundary.h"
#include "engine/catalog_now.h"
#include "engine/gates.h"
#include "engine/hooks.h"
#include "engine/keep_values.h"
#include "engine/perform.h"
#include "ledger/event.h"
#include "ledger/schema.h"
#include "pg/own_session.h"
#include "plan/tables.h"

namespace segue::engine {
namespace {

using migration::Phase;
using migration::text;
using plan::KeepWhat;

constexpr int most_retries = 5;  // of a constraint that rows have broken meanwhile

class WayBack {
 public:
  WayBack(Work& work, const DownRequest& request) : work_(work), request_(request) {
    const auto under_way = migration::phase_named(work.run.going_to);
    to_ = request.restore ? Phase::grace : request.to ? *request.to : under_way.value_or(Phase::prepare);
  }

  Result<DownOutcome> go();

 private:
  bool was_begun(std::size_t at) const {
    const auto& state = work_.steps[at].state;
    return state != "pending" && state != "undone";
  }
  bool is_to_be_undone(const plan::Step& step) const { return step.phase > to_; }
  bool names_are_swapped() const;
  bool contract_begun() const;
  bool switch_begun() const;

  Status refuse_what_cannot_be();
  Status refuse_under_another();
  Result<std::vector<KeepCount>> count() const;
  Status keep_aside();
  Status keep(const plan::KeepRule& rule);
  void tell_kept(const std::string& title, std::int64_t rows, bool values);
  Status seal(const plan::KeepRule& rule, const plan::Step& step);
  Status undo_step(std::size_t at);
  Status undo_action(std::size_t at, std::size_t action);
  bool undone_too(const std::string& step) const;
  Result<bool> somebody_dropped_it(const plan::Action& action, const Error& error);
  Status void_approvals();
  Result<DownOutcome> finish();

  Work& work_;
  const DownRequest& request_;
  Phase to_;
  std::int64_t kept_ = 0;
};

bool WayBack::names_are_swapped() const {
  for (std::size_t at = 0; at < work_.steps.size(); ++at) {
    if (work_.plan.steps[at].kind == "swap names" && work_.steps[at].state == "done") return true;
  }
  return work_.plan.swaps.empty();
}

bool WayBack::contract_begun() const {
  for (std::size_t at = 0; at < work_.steps.size(); ++at) {
    if (work_.plan.steps[at].phase == Phase::contract && was_begun(at)) return true;
  }
  return work_.run.completed == "contract";
}

bool WayBack::switch_begun() const {
  const auto completed = migration::phase_named(work_.run.completed);
  if (completed && *completed >= Phase::switch_over) return true;
  for (std::size_t at = 0; at < work_.steps.size(); ++at) {
    if (work_.plan.steps[at].phase == Phase::switch_over && was_begun(at)) return true;
  }
  return false;
}

Status WayBack::refuse_what_cannot_be() {
  const auto completed = migration::phase_named(work_.run.completed);
  if (request_.restore) {
    if (!contract_begun() && work_.run.direction != "down")
      return refused("nothing-to-restore", "the contract has not begun: there is nothing to restore",
                     fmt::format("to go back from here: segue rollback {}", request_.migration));
    return {};
  }
  if (contract_begun()) {
    return refused(
        "contract-begun", "the contract has begun: a rollback could not give back what it removed",
        fmt::format("first: segue restore {}, then segue rollback {}", request_.migration, request_.migration));
  }
  const bool below =
      work_.run.direction == "down" && std::any_of(work_.steps.begin(), work_.steps.end(), [&](const auto& row) {
        const auto& step = work_.plan.steps[static_cast<std::size_t>(row.ordinal) - 1];
        return step.phase <= to_ && (row.state == "undone" || row.state == "undoing");
      });
  if (below) {
    return refused("gone-below",
                   fmt::format("a rollback is under way, and it has gone below the end of {} already", text(to_)),
                   fmt::format("finish it first: segue rollback {}", request_.migration));
  }
  const bool above = (completed && *completed >= to_) || to_ == Phase::prepare;
  if (!above) {
    return refused("not-there-yet", fmt::format("it has not reached the end of {} yet", text(to_)),
                   fmt::format("segue status {} tells where it stands", request_.migration));
  }
  return {};
}

// What came later and stands on the same tables goes first, or the way back would break half-way.
Status WayBack::refuse_under_another() {
  const auto mine = plan::tables_of(work_.plan);
  for (const auto& other : TRY(ledger::all_runs(work_.connection))) {
    if (other.id <= work_.run.id || !other.open() || other.migration == work_.run.migration) continue;
    const auto theirs = plan::tables_of(TRY(plan::from_stored(other.plan)));
    const auto shared = std::find_if(mine.begin(), mine.end(), [&](const auto& one) { return theirs.contains(one); });
    if (shared == mine.end()) continue;
    return refused(
        "another-stands-on-it",
        fmt::format("{} came later and uses {} too", other.migration,
                    shared->starts_with("public.") ? shared->substr(7) : *shared),
        fmt::format("go back in the order in which they came: first segue rollback {}, then segue rollback {}",
                    other.migration, work_.run.migration));
  }
  return {};
}

// Rules of steps that will be undone; those of whole tables are dealt with when the table goes.
Result<std::vector<KeepCount>> WayBack::count() const {
  std::vector<KeepCount> counts;
  for (std::size_t at = 0; at < work_.plan.steps.size(); ++at) {
    const auto& step = work_.plan.steps[at];
    if (!is_to_be_undone(step) || work_.steps[at].state != "done") continue;
    for (const auto& rule : step.keep) {
      if (rule.what == KeepWhat::own_row || undone_too(rule.needless_if_undone)) continue;
      auto counted = TRY(count_rows(work_, rule, names_are_swapped()));
      if (counted.rows > 0) counts.push_back(counted);
    }
  }
  return counts;
}

// From here on no such row can come any more: the application that wrote them is withdrawn.
Status WayBack::seal(const plan::KeepRule& rule, const plan::Step& step) {
  const auto& condition = names_are_swapped() ? rule.seal_after_switch : rule.seal_before_switch;
  if (condition.empty() || !TRY(table_is_there(work_, rule.table))) return {};
  plan::Action action;
  action.sql = {fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS segue_seal", rule.table),
                fmt::format("ALTER TABLE {} ADD CONSTRAINT segue_seal CHECK ({}) NOT VALID", rule.table, condition)};
  action.locks = {{rule.table, "ACCESS EXCLUSIVE"}};
  TRY(perform(work_, action, step, 0, no_journal));
  return {};
}

Status WayBack::keep(const plan::KeepRule& rule) {
  for (const auto& [table, rows] : TRY(keep_rows(work_, rule, names_are_swapped()))) {
    const bool its_own = table == plan::display_table(rule.table);
    tell_kept(table + ": " + (its_own ? rule.reason : "refers to " + plan::display_table(rule.table)), rows, false);
  }
  return {};
}

void WayBack::tell_kept(const std::string& title, std::int64_t rows, bool values) {
  kept_ += rows;
  if (rows == 0) return;
  Event event;
  event.kind = Event::Kind::kept;
  event.down = true;
  event.title = title;
  event.rows = rows;
  event.values = values;
  work_.tell(event);
}

Status WayBack::keep_aside() {
  std::map<std::string, std::vector<const plan::KeepRule*>> values;  // by table
  for (std::size_t at = 0; at < work_.plan.steps.size(); ++at) {
    const auto& step = work_.plan.steps[at];
    if (!is_to_be_undone(step) || work_.steps[at].state != "done") continue;
    for (const auto& rule : step.keep) {
      if (rule.what == KeepWhat::values) values[rule.table].push_back(&rule);
      if (rule.what != KeepWhat::rows || undone_too(rule.needless_if_undone)) continue;
      TRY(seal(rule, step));
      TRY(keep(rule));
    }
  }
  for (const auto& [table, rules] : values) {
    if (!TRY(table_is_there(work_, table))) continue;
    tell_kept(plan::display_table(table) + ": " + rules.front()->reason,
              TRY(keep_values(work_, rules, names_are_swapped())), true);
  }
  return {};
}

Result<bool> WayBack::somebody_dropped_it(const plan::Action& action, const Error& error) {
  if (work_.connection.lost() || (error.sqlstate != "42P01" && error.sqlstate != "42704")) return false;
  if (!action.backfill.table.empty()) return !TRY(table_is_there(work_, action.backfill.table));
  for (const auto& lock : action.locks) {
    if (!TRY(table_is_there(work_, lock.table))) return true;
  }
  return false;
}

bool WayBack::undone_too(const std::string& id) const {
  const auto* other = id.empty() ? nullptr : work_.plan.find(id);
  return other != nullptr && is_to_be_undone(*other);
}

Status WayBack::undo_action(std::size_t at, std::size_t number) {
  const auto& step = work_.plan.steps[at];
  auto& row = work_.steps[at];
  const auto& action = step.down[number];
  const bool last = number + 1 == step.down.size();
  const auto journal = [&](std::int64_t) {
    return std::vector{ledger::undo_action_done(row.id, static_cast<int>(number) + 1, last)};
  };
  const auto write = [&] { return ledger::execute(work_.connection, journal(0).front()); };
  if (undone_too(action.needless_if_undone)) return write();
  if (action.kind == plan::ActionKind::backfill && row.state != "undoing") {
    // What is half done in place is taken back as far as it was done; else the ranges of the way up are none of the way
    // back.
    const bool half_done = action.backfill.in_place && row.state != "done";
    if (half_done && !TRY(backfill::keep_what_was_done(work_.connection, row.id, work_.epoch))) return write();
    if (!half_done) TRY(work_.connection.execute("DELETE FROM segue.backfill_range WHERE step_id = $1", {row.id}));
    TRY(ledger::execute(work_.connection, ledger::undo_action_done(row.id, static_cast<int>(number), false)));
    row.state = "undoing";
  }
  for (int tries = 0;; ++tries) {
    const auto done = perform(work_, action, step, row.id, journal, Missing::is_fine);
    if (done) return {};
    if (TRY(somebody_dropped_it(action, done.error()))) {
      Event event;
      event.message = fmt::format("{}: its table is gone, there is nothing to take back", step.title);
      work_.tell(event);
      return write();
    }
    // A row that breaks the constraint came after we had looked: set it aside too, and again.
    const bool broken = done.error().sqlstate.rfind("23", 0) == 0;
    if (!broken || tries == most_retries || step.keep.empty()) {
      Error error = done.error();
      if (error.where.empty()) error.where = fmt::format("undo of step {} ({})", step.id, step.title);
      // PostgreSQL would advise CASCADE, which takes away what is not ours.
      if (error.sqlstate == "2BP01") error.hint = "drop or change what depends on it, then run the same command again";
      return tl::unexpected(error);
    }
    for (const auto& rule : step.keep) {
      if (rule.what == KeepWhat::rows) TRY(keep(rule));
    }
  }
}

Status WayBack::undo_step(std::size_t at) {
  const auto& step = work_.plan.steps[at];
  auto& row = work_.steps[at];
  Event event;
  event.kind = Event::Kind::step_begins;
  event.down = true;
  event.phase = text(step.phase);
  event.step = step.id;
  event.title = plan::headline(step);
  work_.tell(event);
  const Stopwatch watch;

  // A transaction that was not committed has done nothing.
  const bool nothing_done =
      (row.state == "failed" || row.state == "running") && step.up.kind == plan::ActionKind::transaction;
  if (!nothing_done) {
    for (const auto& rule : step.keep) {
      if (row.state != "done") continue;
      // A row that was found, not made, is not ours to take away.
      if (rule.what == KeepWhat::own_row && TRY(work_.first_was_made())) TRY(keep(rule));
      if (rule.what != KeepWhat::whole_table) continue;
      TRY(seal(rule, step));
      TRY(keep(rule));
    }
    for (auto number = static_cast<std::size_t>(row.undone_actions); number < step.down.size(); ++number) {
      if (work_.asked_to_stop()) return tl::unexpected(work_.stopped());
      TRY(undo_action(at, number));
    }
  }
  if (nothing_done || step.down.empty()) {
    TRY(ledger::execute(work_.connection, ledger::undo_action_done(row.id, 0, true)));
  }
  row.state = "undone";
  TRY(work_.log("info", "step-undone", fmt::format("{}: {}", step.id, step.title)));
  event.kind = Event::Kind::step_done;
  event.seconds = watch.seconds();
  work_.tell(event);
  return {};
}

// Whoever signed for what lies above signs again when it comes up again.
Status WayBack::void_approvals() {
  std::vector<std::string> gates;
  for (const auto& gate : work_.plan.gates) {
    if (gate.before > to_ || gate.on_rollback) gates.push_back(gate.name);
  }
  return ledger::void_approvals(work_.connection, work_.run.id, gates);
}

Result<DownOutcome> WayBack::finish() {
  DownOutcome outcome;
  outcome.kept = kept_;
  TRY(ledger::count_up(work_.connection, work_.run.id));
  outcome.whole_way = !request_.restore && to_ == Phase::prepare;
  const auto lowest = static_cast<Phase>(static_cast<int>(to_) + 1);
  if (request_.restore) TRY(pass_checks(work_, "after restore"));
  if (!request_.restore) TRY(pass_checks(work_, "after rollback of " + text(lowest)));
  if (outcome.whole_way) {
    outcome.catalog_equal = TRY(catalog_now(work_)) == work_.run.catalog_before;
    outcome.state = "rolled_back";
    TRY(work_.connection.begin());
    TRY(ledger::set_completed(work_.connection, work_.run.id, ""));
    TRY(work_.log("info", "rolled-back",
                  fmt::format("{} rows set aside; the catalog is {}", kept_,
                              outcome.catalog_equal ? "what it was" : "not what it was")));
    TRY(ledger::finish(work_.connection, work_.run.id, outcome.state));
    const auto commit = work_.connection.commit();
    if (commit.outcome != pg::CommitOutcome::committed) return tl::unexpected(commit.error);
    return outcome;
  }
  // All of it or nothing: a kill in between would leave a way back that can neither go on nor turn round.
  TRY(work_.connection.begin());
  TRY(ledger::reset_undone(work_.connection, work_.run.id));
  TRY(void_approvals());
  TRY(ledger::set_completed(work_.connection, work_.run.id, text(to_)));
  TRY(ledger::set_direction(work_.connection, work_.run.id, "up"));
  outcome.state = to_ == Phase::grace ? "grace" : "stopped";
  TRY(ledger::set_state(work_.connection, work_.run.id, outcome.state));
  TRY(work_.log("info", "rolled-back", fmt::format("to the end of {}; {} rows set aside", text(to_), kept_)));
  const auto commit = work_.connection.commit();
  if (commit.outcome != pg::CommitOutcome::committed) return tl::unexpected(commit.error);
  return outcome;
}

Result<DownOutcome> WayBack::go() {
  TRY(refuse_what_cannot_be());
  TRY(refuse_under_another());
  if (!request_.restore && to_ < Phase::switch_over && switch_begun()) {
    TRY(pass_gates(work_, Phase::switch_over, true));
  }
  const auto counts = TRY(count());
  // Before the switch the new application may write too: where it has, it must be gone as well.
  const bool it_wrote =
      std::any_of(counts.begin(), counts.end(), [](const auto& one) { return one.what != KeepWhat::whole_table; });
  if (!request_.restore && it_wrote && !switch_begun()) TRY(pass_gates(work_, Phase::switch_over, true));
  if (request_.agree && !request_.agree(counts)) {
    return refused("not-confirmed", "nothing was done", "say yes, or --yes, to go back");
  }
  TRY(ledger::set_direction(work_.connection, work_.run.id, "down", text(to_)));
  TRY(ledger::set_state(work_.connection, work_.run.id, "running"));
  TRY(keep_aside());
  for (auto at = work_.plan.steps.size(); at-- > 0;) {
    if (!is_to_be_undone(work_.plan.steps[at]) || !was_begun(at)) continue;
    if (work_.asked_to_stop()) return tl::unexpected(work_.stopped());
    TRY(undo_step(at));
  }
  TRY(take_back_hooks(work_, to_));
  return finish();
}

}  // namespace

Result<DownOutcome> go_down(const DownRequest& request) {
  {
    auto looking = TRY(pg::open_own_session(request.options.database, "segue"));
    if (!TRY(ledger::exists(looking))) {
      return refused("nothing-to-roll-back", "nothing was run on this database yet", "segue plan shows what would be");
    }
  }
  auto work = TRY(Work::begin(request.options, request.migration));
  const auto run = TRY(ledger::newest_run(work->connection, request.migration));
  if (!run || !run->open()) {
    return refused("nothing-to-roll-back", fmt::format("'{}' is not under way on this database", request.migration),
                   "segue history lists what was run");
  }
  TRY(work->use(*run));
  auto outcome = WayBack(*work, request).go();
  if (outcome) return outcome;
  const auto error = work->as_told(outcome.error());
  if (!work->connection.lost()) {
    if (error.exit == Exit::stopped || error.exit == Exit::failed) {
      TRY(work->log("error", error.code, error.message));
      TRY(ledger::set_state(work->connection, run->id, error.exit == Exit::stopped ? "stopped" : "failed"));
    }
  }
  return tl::unexpected(error);
}

}  // namespace segue::engine
