#include "engine/perform.h"

#include <fmt/format.h>

#include <algorithm>

#include "backfill/backfill.h"
#include "engine/index_watch.h"
#include "engine/keep.h"
#include "engine/restore_kept.h"
#include "engine/transaction.h"
#include "pg/own_session.h"

namespace segue::engine {
namespace {

Status write(Work& work, const std::vector<ledger::Statement>& statements) {
  for (const auto& one : statements) TRY(ledger::execute(work.connection, one));
  return {};
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
  TRY(write(work, journal(0)));
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
      "IN ('R', 'A') AND tgname !~ '^[~!]segue_')",
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
  if (silent) TRY(work.connection.execute("RESET session_replication_role"));
  if (job.only_silent && !silent) {
    return failure("triggers-would-fire",
                   "its own triggers are to stay silent, and this session may not keep them so, or a key or a trigger "
                   "that is always on must see the rows",
                   "let a superuser run it, or GRANT SET ON PARAMETER session_replication_role (15 and newer); or let "
                   "them fire: `triggers: { NAME: fire }`",
                   job.table);
  }
  backfill::Settings settings;
  settings.step = step_row;
  settings.epoch = work.epoch;
  settings.silent = silent;
  settings.open = [&] { return pg::open_own_session(work.database(), "segue worker"); };
  settings.tuning = [&] { return work.tuning(); };
  settings.note = [&](const std::string& code, const std::string& text) {
    (void)work.log("info", code, text);
    // The step says that it is done; what moved while it was walked is found and repaired as a matter of course.
    if (code == "compared" || code == "repaired") return;
    Event event;
    event.message = text;
    work.tell(event);
  };
  settings.failed_rows =
      std::max(work.plan.failed_rows,
               // What a share in the binary system lacks of a whole row.
               static_cast<std::int64_t>(work.plan.failed_share * static_cast<double>(step.rows) + 1e-6));
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
    event.message = progress.held;
    event.slowed = progress.slowed;
    event.least_s = progress.least_s;
    event.most_s = progress.most_s;
    event.workers = progress.workers;
    event.batch = progress.batch;
    event.comparing = progress.comparing;
    work.tell(event);
    return !work.asked_to_stop();
  };
  settings.lock_deadline_s = work.plan.lock_deadline_s;
  settings.waits = [&](double seconds, const std::string& who) {
    Event event;
    event.kind = Event::Kind::lock_wait;
    event.step = step.id;
    event.seconds = seconds;
    event.message = who;
    work.tell(event);
  };
  const auto rows = backfill::run(work.connection, job, settings);
  if (!rows) return tl::unexpected(rows.error());
  TRY(write(work, journal(*rows)));
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
      return in_transaction(work, action, step, journal, missing == Missing::is_fine);
    case plan::ActionKind::concurrent:
      return outside_of_transaction(work, action, step, journal);
    case plan::ActionKind::backfill:
      return in_batches(work, action, step, step_row, journal);
    case plan::ActionKind::restore: {
      const auto rows = TRY(restore_kept(work, action.tables, action.only_values));
      TRY(write(work, journal(rows)));
      return Performed{rows, 0, 0};
    }
  }
  return Performed{};
}

}  // namespace segue::engine
