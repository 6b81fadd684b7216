#include "ledger/changes.h"

namespace segue::ledger {

const char* const compared_ranges = R"sql(
ALTER TABLE segue.backfill_range DROP CONSTRAINT backfill_range_state_check;
ALTER TABLE segue.backfill_range ADD CONSTRAINT backfill_range_state_check
  CHECK (state IN ('pending', 'running', 'done', 'comparing', 'right'));
COMMENT ON COLUMN segue.backfill_range.state IS 'pending, running, done (carried); comparing, right (each row was looked at again, and none was wrong).';
COMMENT ON COLUMN segue.backfill_range.lo IS 'The key, or the page, after which it begins; NULL: from the first.';
COMMENT ON COLUMN segue.backfill_range.hi IS 'The last key of it, or the page before which it ends; frozen when the backfill began.';
COMMENT ON COLUMN segue.backfill_range.cursor IS 'How far it is carried, or compared; NULL: it begins.';

ALTER TABLE segue.runner ADD COLUMN progress text NOT NULL DEFAULT '';
COMMENT ON COLUMN segue.runner.progress IS 'How the backfill that is under way fares, as JSON: rows, rate, what is left, why it holds still.';
ALTER TABLE segue.migration_history ADD COLUMN up_to text NOT NULL DEFAULT '';
COMMENT ON COLUMN segue.migration_history.up_to IS 'The phase whose end it was asked to go to, last; segue resume goes on to it.';

CREATE TABLE segue.tuning (
  run_id bigint NOT NULL REFERENCES segue.migration_history,
  name text NOT NULL,
  value text NOT NULL,
  person text NOT NULL DEFAULT session_user,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_id, name)
);
COMMENT ON TABLE segue.tuning IS 'What somebody has set while it runs (segue set); it stands above the limits of the file.';
COMMENT ON COLUMN segue.tuning.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.tuning.name IS 'batch, workers, wal_rate, replication_lag, throttle.';
COMMENT ON COLUMN segue.tuning.value IS 'As it was written.';
COMMENT ON COLUMN segue.tuning.person IS 'Who has set it.';
COMMENT ON COLUMN segue.tuning.at IS 'When.';
)sql";

}  // namespace segue::ledger
