#include "engine/perform.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "backfill/backfill.h"
#include "base/clock.h"
#include "engine/index_watch.h"
#include "engine/keep.h"
#include "engine/locks.h"
#include "engine/restore_kept.h"

namespace segue::engine {
namespace {

bool strong(const plan::Action& action) {
  return plan::who_waits(plan::strongest_lock(action)) != "none";
}

tl::unexpected<Error> commit_problem(const pg::CommitResult& commit) {
  Error error = commit.error;
  if (commit.outcome == pg::CommitOutcome::unknown) {
    error.exit = Exit::stopped;
    error.hint = "the ledger knows whether it took place: run the same command again";
  }
  return tl::unexpected(error);
}

bool drops_something(const std::string& statement) {
  return statement.rfind("DROP ", 0) == 0 ||
         (statement.rfind("ALTER TABLE ", 0) == 0 && statement.find(" DROP ") != std::string::npos);
}

// No such table, column, object, function or schema.
bool is_missing(const Error& error) {
  for (const auto* sqlstate : {"42P01", "42703", "42704", "42883", "3F000"}) {
    if (error.sqlstate == sqlstate) return true;
  }
  return false;
}

// Takes back what is still there; what is not is told and left.
Status drop_if_there(Work& work, const std::string& statement) {
  TRY(work.connection.execute("SAVEPOINT segue_drop"));
  auto done = work.connection.execute(statement);
  if (done) return work.connection.execute("RELEASE SAVEPOINT segue_drop");
  if (work.connection.lost() || !is_missing(done.error())) return done;
  TRY(work.connection.execute("ROLLBACK TO SAVEPOINT segue_drop"));
  Event event;
  event.down = true;
  event.message = fmt::format("gone already, there is nothing to take back: {}", done.error().message);
  work.tell(event);
  return {};
}

// The statements and their journal, in a transaction that is open already.
Result<std::int64_t> inside(Work& work, const plan::Action& action, const Journal& journal, Missing missing) {
  // Also a lock that nobody foresaw must not be waited for: everybody would queue behind us.
  TRY(work.connection.execute(fmt::format("SET LOCAL lock_timeout = '{}ms'", work.plan.lock_wait_ms)));
  if (strong(action) && !action.may_take_long) {
    // Budget: wait, hold and commit together. The flush of the commit comes after the locks are gone.
    TRY(
        work.connection.script(fmt::format("SET LOCAL statement_timeout = '{}ms'; SET LOCAL lock_timeout = '{}ms'; SET "
                                           "LOCAL synchronous_commit = off",
                                           2 * work.plan.lock_wait_ms, work.plan.lock_wait_ms)));
  }
  std::int64_t rows = 0;
  for (const auto& statement : action.sql) {
    const auto text = TRY(work.resolve(statement));
    if (missing == Missing::is_fine && drops_something(text)) {
      TRY(drop_if_there(work, text));
      continue;
    }
    const auto done = TRY(work.connection.query(text));
    rows += done.affected();
  }
  TRY(journal(rows));
  return rows;
}

// A strong lock that could not be had or held for as short as promised is let go, and tried again.
bool try_again(const Error& error) {
  return error.sqlstate == "55P03" || error.sqlstate == "57014" || error.sqlstate == "40P01";
}

constexpr int most_too_long = 4;

tl::unexpected<Error> too_long(const Work& work, const plan::Action& action) {
  return failure("too-long-under-lock",
                 fmt::format("it needs longer than {} ms under {}, and others would wait that long",
                             2 * work.plan.lock_wait_ms, plan::strongest_lock(action)),
                 "write it in the form that does not scan under the lock (segue lint shows it), or accept it: -- "
                 "segue:allow scan-under-lock "
                 "REASON before the statement");
}

tl::unexpected<Error> deadline(const Work& work, const Error& last) {
  return tl::unexpected(Error{
      "lock-deadline",
      fmt::format("no lock within {} s: {}", work.plan.lock_deadline_s, last.message),
      {},
      "nothing was changed; see who holds the table (pg_locks, pg_stat_activity), then run the same command again",
      last.sqlstate,
      Exit::stopped});
}

Result<Performed> in_transaction(Work& work, const plan::Action& action, const plan::Step& step, const Journal& journal,
                                 Missing missing) {
  const Stopwatch since;
  Performed performed;
  int tries = 0;
  for (;;) {
    const auto wait = TRY(begin_with_locks(work, action.locks, step.id));
    performed.longest_wait_ms = std::max(performed.longest_wait_ms, wait.longest_ms);
    const Stopwatch held;
    const auto rows = inside(work, action, journal, missing);
    if (!rows) {
      work.connection.rollback();
      if (work.connection.lost() || !try_again(rows.error())) return tl::unexpected(rows.error());
      if (work.asked_to_stop()) return tl::unexpected(work.stopped());
      ++tries;
      if (rows.error().sqlstate == "57014" && tries >= most_too_long) return too_long(work, action);
      if (since.seconds() > work.plan.lock_deadline_s) return deadline(work, rows.error());
      // Whoever was in the way gets on; and those behind us, who waited as long as we did, get far more time than that.
      std::this_thread::sleep_for(std::chrono::milliseconds(std::min(100 << std::min(tries, 5), 3000)));
      continue;
    }
    const auto commit = work.connection.commit();
    if (commit.outcome != pg::CommitOutcome::committed) return commit_problem(commit);
    performed.held_ms = held.seconds() * 1000;
    performed.rows = *rows;
    return performed;
  }
}

// What an interrupted CREATE INDEX CONCURRENTLY left: nothing, an invalid index, or the whole work.
enum class Leftover { nothing, invalid, whole };

Result<Leftover> leftover(Work& work, const std::string& index) {
  const auto rows = TRY(work.connection.query(
      "SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = to_regclass($1)", {index}));
  if (rows.empty()) return Leftover::nothing;
  return rows.boolean(0, 0) ? Leftover::whole : Leftover::invalid;
}

Result<Performed> outside_of_transaction(Work& work, const plan::Action& action, const plan::Step& step,
                                         const Journal& journal) {
  // No short lock_timeout here: any old snapshot would leave an invalid index. It waits, but nobody waits for it.
  const bool drops = action.sql.front().rfind("DROP", 0) == 0;
  const auto left = action.object.empty() ? Leftover::nothing : TRY(leftover(work, action.object));
  if (left == Leftover::invalid && !drops) {
    TRY(work.connection.execute("DROP INDEX CONCURRENTLY IF EXISTS " + action.object));
  }
  if (drops || left != Leftover::whole) {
    for (const auto& statement : action.sql) {
      const auto text = TRY(work.resolve(statement));
      const auto done = [&] {
        const IndexWatch watch(work, step);
        return work.connection.execute(text);
      }();
      if (done) continue;
      // Dropping it would wait for the same transactions: the next run does that.
      if (work.asked_to_stop() && done.error().sqlstate == "57014") return tl::unexpected(work.stopped());
      // Do not leave a broken index behind: it would cost every write.
      if (!drops && !work.connection.lost() && !action.object.empty()) {
        (void)work.connection.execute("DROP INDEX CONCURRENTLY IF EXISTS " + action.object);
      }
      return tl::unexpected(done.error());
    }
  }
  TRY(journal(0));
  return Performed{};
}

Result<bool> triggers_can_be_silent(Work& work, const plan::BackfillJob& job) {
  // Not where a column that is set is in a foreign key, or in a deferrable one, or where a trigger is meant for
  // replicas: the replica role would let rows through that a constraint must see.
  const auto rows = TRY(work.connection.query(
      "SELECT NOT EXISTS (SELECT FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = $1::regclass AND a.attnum = "
      "ANY(CASE WHEN c.conrelid = $1::regclass THEN c.conkey ELSE c.confkey END) WHERE ($1::regclass IN (c.conrelid, "
      "c.confrelid)) AND "
      "(c.contype = 'f' OR c.condeferrable) AND quote_ident(a.attname) = ANY(SELECT quote_ident(trim(both '\"' from "
      "n)) FROM "
      "unnest($2::text[]) n)) AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal "
      "AND tgenabled "
      "IN ('R', 'A'))",
      {job.table, job.columns}));
  return rows.boolean(0, 0);
}

Result<Performed> in_batches(Work& work, const plan::Action& action, const plan::Step& step, std::int64_t step_row,
                             const Journal& journal) {
  auto job = action.backfill;
  if (!job.pending_again.empty() && TRY(work.comes_again(step_row))) job.pending = job.pending_again;
  job.pending = TRY(work.resolve(job.pending));
  for (auto& value : job.values) value = TRY(work.resolve(value));

  const bool silent = job.skip_triggers && TRY(triggers_can_be_silent(work, job)) &&
                      work.connection.execute("SET session_replication_role = replica").has_value();
  backfill::Settings settings;
  settings.step = step_row;
  settings.epoch = work.epoch;
  settings.target_ms = work.plan.lock_wait_ms / 2.0;
  settings.go_on = [&](const backfill::Progress& progress) {
    Event event;
    event.kind = Event::Kind::progress;
    event.step = step.id;
    event.title = plan::headline(step);
    event.phase = migration::to_text(step.phase);
    event.rows = progress.rows;
    event.rows_total = step.rows;
    event.share = progress.share;
    event.rate = progress.rows_per_second;
    work.tell(event);
    return !work.asked_to_stop();
  };
  const auto rows = backfill::run(work.connection, job, settings);
  if (silent && !work.connection.lost()) TRY(work.connection.execute("RESET session_replication_role"));
  if (!rows) return tl::unexpected(rows.error());
  TRY(journal(*rows));
  return Performed{*rows, 0, 0};
}

}  // namespace

Result<Performed> perform(Work& work, const plan::Action& action, const plan::Step& step, std::int64_t step_row,
                          const Journal& journal, Missing missing) {
  if (missing == Missing::is_fine) {
    for (const auto& lock : action.locks)
      TRY(table_is_there(work, lock.table));  // or has another name: that is not fine
  }
  switch (action.kind) {
    case plan::ActionKind::transaction:
      return in_transaction(work, action, step, journal, missing);
    case plan::ActionKind::concurrent:
      return outside_of_transaction(work, action, step, journal);
    case plan::ActionKind::backfill:
      return in_batches(work, action, step, step_row, journal);
    case plan::ActionKind::restore: {
      const auto rows = TRY(restore_kept(work, action.tables, action.only_values));
      TRY(journal(rows));
      return Performed{rows, 0, 0};
    }
  }
  return Performed{};
}

}  // namespace segue::engine
