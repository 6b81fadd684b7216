#include "ledger/changes.h"

namespace segue::ledger {

const char* const outside_effects = R"sql(
ALTER TABLE segue.hook_result
  ADD COLUMN ordinal int NOT NULL DEFAULT 0,
  ADD COLUMN state text NOT NULL DEFAULT 'done' CHECK (state IN ('begun', 'done', 'failed', 'undone')),
  ADD COLUMN seconds real NOT NULL DEFAULT 0;
CREATE INDEX hook_result_run ON segue.hook_result (run_id);
COMMENT ON COLUMN segue.hook_result.phase IS 'The boundary that it belongs to: "after switch".';
COMMENT ON COLUMN segue.hook_result.ordinal IS 'Its place in the plan, from 1.';
COMMENT ON COLUMN segue.hook_result.state IS 'begun (what it tells may have arrived), done, failed, undone (taken back by a rollback, or to be done again after one).';
COMMENT ON COLUMN segue.hook_result.seconds IS 'How long it took.';

CREATE TABLE segue.usage_look (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  readable boolean NOT NULL,
  reset_at text NOT NULL DEFAULT '',
  evicted bigint NOT NULL DEFAULT 0,
  message text NOT NULL DEFAULT ''
);
CREATE INDEX usage_look_run ON segue.usage_look (run_id);
COMMENT ON TABLE segue.usage_look IS 'When somebody looked how often the old shape is used; what was seen is in usage_sample.';
COMMENT ON COLUMN segue.usage_look.id IS 'Its number here.';
COMMENT ON COLUMN segue.usage_look.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.usage_look.at IS 'When.';
COMMENT ON COLUMN segue.usage_look.readable IS 'Whether the recorded statements of all users could be read.';
COMMENT ON COLUMN segue.usage_look.reset_at IS 'When pg_stat_statements was emptied last: calls before that are not seen.';
COMMENT ON COLUMN segue.usage_look.evicted IS 'How often it has thrown statements away for want of room.';
COMMENT ON COLUMN segue.usage_look.message IS 'Why it could not be read.';

ALTER TABLE segue.usage_sample
  ADD COLUMN look_id bigint REFERENCES segue.usage_look ON DELETE CASCADE,
  ADD COLUMN source text NOT NULL DEFAULT 'statements' CHECK (source IN ('statements', 'trigger')),
  ADD COLUMN query_id text NOT NULL DEFAULT '',
  ADD COLUMN role text NOT NULL DEFAULT '',
  ADD COLUMN certain boolean NOT NULL DEFAULT true;
CREATE INDEX usage_sample_look ON segue.usage_sample (look_id);
COMMENT ON COLUMN segue.usage_sample.look_id IS 'The look that saw it.';
COMMENT ON COLUMN segue.usage_sample.source IS 'statements: pg_stat_statements; trigger: a sync trigger counted it.';
COMMENT ON COLUMN segue.usage_sample.query_id IS 'The server''s number of the statement.';
COMMENT ON COLUMN segue.usage_sample.role IS 'Who sent it.';
COMMENT ON COLUMN segue.usage_sample.certain IS 'false: it may use the old name (SELECT *), and may go on without it.';

ALTER TABLE segue.migration_history ADD COLUMN files jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN segue.migration_history.files IS 'The migration''s files as they were when the run began, by name.';

ALTER TABLE segue.migration_history
  ADD COLUMN duration interval GENERATED ALWAYS AS (finished_at - started_at) STORED,
  ADD COLUMN steps int NOT NULL DEFAULT 0,
  ADD COLUMN kept_rows bigint NOT NULL DEFAULT 0,
  ADD COLUMN failed_rows bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN segue.migration_history.duration IS 'From the beginning to the end, where it has one.';
COMMENT ON COLUMN segue.migration_history.steps IS 'Steps that are done, when it stopped last.';
COMMENT ON COLUMN segue.migration_history.kept_rows IS 'Rows and values that a rollback has set aside and that are not back.';
COMMENT ON COLUMN segue.migration_history.failed_rows IS 'Rows that backfills could not carry.';
CREATE INDEX failed_row_key ON segue.failed_row (step_id, key);

CREATE TABLE segue.backup (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  folder text NOT NULL,
  host text NOT NULL DEFAULT '',
  tool text NOT NULL DEFAULT '',
  taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seconds real NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  tables jsonb,
  read_back text NOT NULL DEFAULT ''
);
COMMENT ON TABLE segue.backup IS 'Backups that a run has taken before its first step; each was read back and compared.';
COMMENT ON COLUMN segue.backup.id IS 'Its number here.';
COMMENT ON COLUMN segue.backup.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.backup.folder IS 'Where it lies.';
COMMENT ON COLUMN segue.backup.host IS 'On which machine.';
COMMENT ON COLUMN segue.backup.tool IS 'The pg_dump that made it.';
COMMENT ON COLUMN segue.backup.taken_at IS 'When.';
COMMENT ON COLUMN segue.backup.seconds IS 'How long it took, with reading back.';
COMMENT ON COLUMN segue.backup.bytes IS 'How large it is.';
COMMENT ON COLUMN segue.backup.tables IS 'Rows and hash of each table.';
COMMENT ON COLUMN segue.backup.read_back IS 'Where it was restored and compared.';

CREATE TABLE segue.preflight_result (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  name text NOT NULL,
  ok boolean NOT NULL,
  message text NOT NULL DEFAULT '',
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE segue.preflight_result IS 'What was found out about server, rights and room before the first step.';
COMMENT ON COLUMN segue.preflight_result.id IS 'Its number here.';
COMMENT ON COLUMN segue.preflight_result.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.preflight_result.name IS 'What was looked at.';
COMMENT ON COLUMN segue.preflight_result.ok IS 'Whether it hinders nothing.';
COMMENT ON COLUMN segue.preflight_result.message IS 'What was found, or that it could not be read.';
COMMENT ON COLUMN segue.preflight_result.at IS 'When.';
)sql";

}  // namespace segue::ledger
