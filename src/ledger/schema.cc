#include "ledger/schema.h"

#include <fmt/format.h>

#include <vector>

#include "ledger/changes.h"

namespace segue::ledger {
namespace {

// The changes that make the ledger, in their order; number n brings it from version n to n + 1. One that was released
// is never edited: what comes later is a new one.
const std::vector<const char*>& changes() {
  static const std::vector<const char*> list = {
      R"sql(
CREATE TABLE segue.migration_history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  migration text NOT NULL,
  about text NOT NULL DEFAULT '',
  plan_hash text NOT NULL,
  plan jsonb NOT NULL,
  sources text NOT NULL,
  state text NOT NULL CHECK (state IN ('planned', 'running', 'waiting', 'stopped', 'failed', 'grace', 'contracted',
                                       'rolled_back', 'purged')),
  phase text NOT NULL DEFAULT 'prepare',
  completed text NOT NULL DEFAULT '',
  direction text NOT NULL DEFAULT 'up' CHECK (direction IN ('up', 'down')),
  going_to text NOT NULL DEFAULT '',
  waiting_for text NOT NULL DEFAULT '',
  started_by text NOT NULL DEFAULT session_user,
  host text NOT NULL DEFAULT '',
  version text NOT NULL DEFAULT '',
  rehearsed boolean NOT NULL DEFAULT false,
  catalog_before text NOT NULL DEFAULT '',
  started_at timestamptz NOT NULL DEFAULT now(),
  switched_at timestamptz,
  finished_at timestamptz,
  rows bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX migration_history_one_open ON segue.migration_history (migration)
  WHERE state NOT IN ('rolled_back', 'purged');
COMMENT ON TABLE segue.migration_history IS 'One row a run of a migration, from its first step to its purge or the end of its rollback.';
COMMENT ON COLUMN segue.migration_history.migration IS 'The migration''s name, as its file says it.';
COMMENT ON COLUMN segue.migration_history.about IS 'One sentence, as its file says it.';
COMMENT ON COLUMN segue.migration_history.plan_hash IS 'The hash of the plan that this run follows.';
COMMENT ON COLUMN segue.migration_history.plan IS 'The whole plan: what is run is what was planned, also after the file has changed.';
COMMENT ON COLUMN segue.migration_history.sources IS 'The fingerprint of the migration''s files when the run began.';
COMMENT ON COLUMN segue.migration_history.state IS 'planned, running, waiting (at a gate), stopped (can go on), failed (a step or check), grace, contracted, rolled_back, purged.';
COMMENT ON COLUMN segue.migration_history.phase IS 'The phase that is under way, or the last one that was finished.';
COMMENT ON COLUMN segue.migration_history.completed IS 'The last phase whose checks have passed; empty before the first.';
COMMENT ON COLUMN segue.migration_history.direction IS 'up, or down while it is rolled back.';
COMMENT ON COLUMN segue.migration_history.going_to IS 'The phase whose end a rollback that is under way goes back to.';
COMMENT ON COLUMN segue.migration_history.waiting_for IS 'The gate that it stands at, if it does.';
COMMENT ON COLUMN segue.migration_history.started_by IS 'The database user who started the run.';
COMMENT ON COLUMN segue.migration_history.host IS 'The machine that it was started from.';
COMMENT ON COLUMN segue.migration_history.version IS 'The version of segue.';
COMMENT ON COLUMN segue.migration_history.rehearsed IS 'Whether a rehearsal of this plan had said go; false: it was run without, on demand.';
COMMENT ON COLUMN segue.migration_history.catalog_before IS 'The catalog''s fingerprint before the first step.';
COMMENT ON COLUMN segue.migration_history.started_at IS 'When the run began.';
COMMENT ON COLUMN segue.migration_history.switched_at IS 'When the switch was complete: grace counts from here.';
COMMENT ON COLUMN segue.migration_history.finished_at IS 'When it was contracted, rolled back or purged.';
COMMENT ON COLUMN segue.migration_history.rows IS 'Rows that backfills have carried.';

CREATE TABLE segue.step (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  ordinal int NOT NULL,
  phase text NOT NULL,
  move text NOT NULL DEFAULT '',
  kind text NOT NULL,
  sql text NOT NULL,
  undo text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'done', 'failed', 'undoing', 'undone')),
  undone_actions int NOT NULL DEFAULT 0,
  attempts int NOT NULL DEFAULT 0,
  lock_wait_ms real NOT NULL DEFAULT 0,
  hold_ms real NOT NULL DEFAULT 0,
  rows bigint NOT NULL DEFAULT 0,
  started_at timestamptz,
  finished_at timestamptz,
  error text,
  UNIQUE (run_id, ordinal)
);
COMMENT ON TABLE segue.step IS 'The steps of a run; a step and its row here are committed together.';
COMMENT ON COLUMN segue.step.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.step.ordinal IS 'Its place in the plan, from 1.';
COMMENT ON COLUMN segue.step.phase IS 'The phase that it belongs to.';
COMMENT ON COLUMN segue.step.move IS 'The move that it was made from.';
COMMENT ON COLUMN segue.step.kind IS 'statement, concurrent (outside of a transaction), backfill, first, restore.';
COMMENT ON COLUMN segue.step.sql IS 'What is run, placeholders unresolved.';
COMMENT ON COLUMN segue.step.undo IS 'What takes it back.';
COMMENT ON COLUMN segue.step.state IS 'pending, running (outside of a transaction: ask the catalog), done, failed, undoing, undone.';
COMMENT ON COLUMN segue.step.undone_actions IS 'How many of its undo actions are done.';
COMMENT ON COLUMN segue.step.attempts IS 'How often it was begun.';
COMMENT ON COLUMN segue.step.lock_wait_ms IS 'The longest single wait for a lock, in milliseconds.';
COMMENT ON COLUMN segue.step.hold_ms IS 'How long its strongest lock was held, commit included, in milliseconds.';
COMMENT ON COLUMN segue.step.rows IS 'Rows that it changed.';
COMMENT ON COLUMN segue.step.started_at IS 'When it was begun last.';
COMMENT ON COLUMN segue.step.finished_at IS 'When it was done or undone.';
COMMENT ON COLUMN segue.step.error IS 'What went wrong the last time.';

CREATE TABLE segue.backfill_range (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  step_id bigint NOT NULL REFERENCES segue.step ON DELETE CASCADE,
  worker int NOT NULL DEFAULT 0,
  lo text,
  hi text,
  cursor text,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'done')),
  rows bigint NOT NULL DEFAULT 0,
  epoch bigint NOT NULL DEFAULT 0
);
CREATE INDEX backfill_range_step ON segue.backfill_range (step_id);
COMMENT ON TABLE segue.backfill_range IS 'The ranges of a backfill; the cursor moves in the transaction that carries the rows.';
COMMENT ON COLUMN segue.backfill_range.step_id IS 'The step that it belongs to.';
COMMENT ON COLUMN segue.backfill_range.worker IS 'Who works on it.';
COMMENT ON COLUMN segue.backfill_range.lo IS 'The key after which it begins; NULL: from the first.';
COMMENT ON COLUMN segue.backfill_range.hi IS 'The last key of it, frozen when the backfill began.';
COMMENT ON COLUMN segue.backfill_range.cursor IS 'The last key that was carried; NULL: none yet.';
COMMENT ON COLUMN segue.backfill_range.state IS 'pending, running, done.';
COMMENT ON COLUMN segue.backfill_range.rows IS 'Rows changed in it.';
COMMENT ON COLUMN segue.backfill_range.epoch IS 'Whose it is: a runner with another epoch can change nothing in it.';

CREATE TABLE segue.failed_row (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  step_id bigint NOT NULL REFERENCES segue.step ON DELETE CASCADE,
  table_name text NOT NULL,
  key jsonb NOT NULL,
  sqlstate text NOT NULL DEFAULT '',
  message text NOT NULL DEFAULT '',
  row jsonb,
  state text NOT NULL DEFAULT 'failed' CHECK (state IN ('failed', 'retried', 'accepted')),
  at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE segue.failed_row IS 'Rows that a backfill could not carry.';

CREATE TABLE segue.check_result (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  name text NOT NULL,
  phase text NOT NULL,
  ok boolean NOT NULL,
  severity text NOT NULL DEFAULT 'error',
  expected text NOT NULL DEFAULT '',
  actual text NOT NULL DEFAULT '',
  offending jsonb,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX check_result_run ON segue.check_result (run_id);
COMMENT ON TABLE segue.check_result IS 'What each check answered at each boundary, and the rows that offended.';

CREATE TABLE segue.baseline (
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  name text NOT NULL,
  value text NOT NULL,
  inserted bigint NOT NULL DEFAULT 0,
  deleted bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, name)
);
COMMENT ON TABLE segue.baseline IS 'Values from before the first step that checks and probes compare with.';

CREATE TABLE segue.probe_result (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  name text NOT NULL,
  phase text NOT NULL,
  ok boolean NOT NULL,
  before_ms real,
  after_ms real,
  before_buffers bigint,
  after_buffers bigint,
  message text NOT NULL DEFAULT '',
  plan jsonb,
  at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE segue.probe_result IS 'What each probe measured before and after, and the plan that the server took.';

CREATE TABLE segue.viewpoint_result (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  name text NOT NULL,
  phase text NOT NULL,
  table_name text NOT NULL,
  ok boolean NOT NULL,
  expected text NOT NULL DEFAULT '',
  visible bigint,
  at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE segue.viewpoint_result IS 'What each viewpoint could see at each boundary.';

CREATE TABLE segue.approval (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint REFERENCES segue.migration_history,
  migration text NOT NULL,
  gate text NOT NULL,
  role text NOT NULL DEFAULT '',
  person text NOT NULL,
  kind text NOT NULL DEFAULT 'signed' CHECK (kind IN ('implemented', 'tested', 'reviewed', 'signed', 'opened', 'plan')),
  note text NOT NULL DEFAULT '',
  plan_hash text NOT NULL DEFAULT '',
  void boolean NOT NULL DEFAULT false,
  at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE segue.approval IS 'Who signed which gate as what, and when.';

CREATE TABLE segue.event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint REFERENCES segue.migration_history,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  level text NOT NULL DEFAULT 'info',
  code text NOT NULL,
  message text NOT NULL
);
CREATE INDEX event_run ON segue.event (run_id);
COMMENT ON TABLE segue.event IS 'What happened, one line an event.';

CREATE TABLE segue.kept_row (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  migration text NOT NULL,
  table_name text NOT NULL,
  key jsonb NOT NULL,
  row jsonb NOT NULL,
  reason text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'kept' CHECK (state IN ('kept', 'restored', 'does_not_fit')),
  message text NOT NULL DEFAULT '',
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX kept_row_migration ON segue.kept_row (migration, state);
COMMENT ON TABLE segue.kept_row IS 'Rows that the old shape cannot express, set aside by a rollback; the next run brings them back.';
COMMENT ON COLUMN segue.kept_row.key IS 'The primary key, as text values by column.';
COMMENT ON COLUMN segue.kept_row.row IS 'The whole row, as text values by the names of the new shape: exact for every type.';
COMMENT ON COLUMN segue.kept_row.state IS 'kept, restored, does_not_fit (a later run could not put it back; message says why).';

CREATE TABLE segue.hook_result (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  hook text NOT NULL,
  phase text NOT NULL,
  ok boolean NOT NULL,
  message text NOT NULL DEFAULT '',
  at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE segue.hook_result IS 'What each hook answered.';

CREATE TABLE segue.usage_sample (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  at timestamptz NOT NULL DEFAULT now(),
  statement text NOT NULL,
  calls bigint NOT NULL,
  old_name text NOT NULL DEFAULT ''
);
COMMENT ON TABLE segue.usage_sample IS 'How often statements that use the old shape were called, sampled.';

CREATE TABLE segue.runner (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  pid int NOT NULL,
  host text NOT NULL,
  owner text NOT NULL,
  heartbeat timestamptz NOT NULL DEFAULT now(),
  epoch bigint NOT NULL DEFAULT 1,
  backend_pid int NOT NULL,
  migration text NOT NULL DEFAULT '',
  pause_requested boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE segue.runner IS 'Who runs now, or ran last; the advisory lock decides, this row tells.';
COMMENT ON COLUMN segue.runner.pid IS 'The process on its machine.';
COMMENT ON COLUMN segue.runner.backend_pid IS 'Its session on this server.';
COMMENT ON COLUMN segue.runner.epoch IS 'Raised by each new runner; what an older one still sends changes nothing.';
)sql", kept_values, outside_effects, compared_ranges, ranges_of_partitions, changes_to_follow,
  };
  return list;
}

// Any fixed number does; it keeps two from making the ledger at once.
constexpr const char* making_lock = "SELECT pg_advisory_xact_lock(7305803, 1)";

constexpr const char* frame = R"sql(
CREATE SCHEMA IF NOT EXISTS segue;
REVOKE ALL ON SCHEMA segue FROM PUBLIC;
COMMENT ON SCHEMA segue IS 'The ledger of segue: what was migrated, by whom, how far. Made and read by the segue program.';
CREATE TABLE IF NOT EXISTS segue.ledger_version (version int NOT NULL, database_oid oid NOT NULL, system_identifier text NOT NULL);
COMMENT ON TABLE segue.ledger_version IS 'How far the ledger''s own tables are, and which database they were made in: a copy is told from the original.';
COMMENT ON COLUMN segue.ledger_version.version IS 'How many of its changes are done.';
COMMENT ON COLUMN segue.ledger_version.database_oid IS 'The database that it was made in.';
COMMENT ON COLUMN segue.ledger_version.system_identifier IS 'The server that it was made on, where the user may read it.';
)sql";

Result<int> version(pg::Connection& connection) {
  const auto rows = TRY(connection.query("SELECT version FROM segue.ledger_version"));
  if (!rows.empty()) return static_cast<int>(rows.integer(0, 0));
  // pg_control_system() needs rights that a managed server may not give.
  const auto system =
      connection.query("SELECT CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE') THEN 1 ELSE 0 END");
  const bool may = system && system->integer(0, 0) == 1;
  TRY(connection.execute(fmt::format(
      "INSERT INTO segue.ledger_version SELECT 0, oid, {} FROM pg_database WHERE datname = current_database()",
      may ? "(SELECT system_identifier::text FROM pg_control_system())" : "''")));
  return 0;
}

Status bring_up_to_date(pg::Connection& connection) {
  TRY(connection.execute(making_lock));
  if (!TRY(exists(connection))) TRY(connection.script(frame));
  const int reached = TRY(version(connection));
  const int wanted = static_cast<int>(changes().size());
  if (reached > wanted) {
    return failure("newer-ledger", fmt::format("the ledger is of version {}, this segue knows {}", reached, wanted),
                   "use the newer segue that made it");
  }
  for (int change = reached; change < wanted; ++change) {
    TRY(connection.script(changes()[static_cast<std::size_t>(change)]));
  }
  if (reached < wanted) TRY(connection.execute("UPDATE segue.ledger_version SET version = $1", {wanted}));
  return {};
}

}  // namespace

Result<bool> exists(pg::Connection& connection) {
  return TRY(connection.value("SELECT to_regclass('segue.ledger_version') IS NOT NULL")) == "t";
}

Status ensure(pg::Connection& connection) {
  TRY(connection.begin());
  if (const auto done = bring_up_to_date(connection); !done) {
    connection.rollback();
    return done;
  }
  const auto committed = connection.commit();
  if (committed.outcome != pg::CommitOutcome::committed) return tl::unexpected(committed.error);
  return {};
}

}  // namespace segue::ledger
