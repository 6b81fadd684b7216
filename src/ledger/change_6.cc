#include "ledger/changes.h"

namespace segue::ledger {

const char* const changes_to_follow = R"sql(
CREATE TABLE segue.resync (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sync text NOT NULL,
  source int NOT NULL,
  old_row jsonb,
  new_row jsonb,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seen xid8,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX resync_sync ON segue.resync (sync, at);
COMMENT ON TABLE segue.resync IS 'Changes of tables that others take values from, until each row that they reach is known to have followed.';
COMMENT ON COLUMN segue.resync.id IS 'In the order of the changes.';
COMMENT ON COLUMN segue.resync.sync IS 'The function that looks at the rows again.';
COMMENT ON COLUMN segue.resync.source IS 'Which of its tables has changed; 0: one of them was truncated.';
COMMENT ON COLUMN segue.resync.old_row IS 'What rows were found by before the change; NULL: the row is new, or is found as it is after it.';
COMMENT ON COLUMN segue.resync.new_row IS 'What they are found by after it; NULL: the row is gone.';
COMMENT ON COLUMN segue.resync.xid IS 'The transaction that changed it.';
COMMENT ON COLUMN segue.resync.seen IS 'Who came after this began when the change could be seen; NULL: it was not looked at yet.';
COMMENT ON COLUMN segue.resync.at IS 'When it was changed, or looked at last.';
)sql";

}  // namespace segue::ledger
