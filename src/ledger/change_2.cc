#include "ledger/changes.h"

namespace segue::ledger {

const char* const kept_values = R"sql(
ALTER TABLE segue.kept_row ADD COLUMN what text NOT NULL DEFAULT 'row' CHECK (what IN ('row', 'values'));
COMMENT ON COLUMN segue.kept_row.what IS 'row: it left its table; values: the row stayed, these columns went.';
COMMENT ON COLUMN segue.kept_row.row IS 'The whole row, or the values, as text by the names of the new shape: exact for every type.';

COMMENT ON COLUMN segue.migration_history.id IS 'The run''s number.';
COMMENT ON COLUMN segue.step.id IS 'The step''s number, over all runs.';
COMMENT ON COLUMN segue.backfill_range.id IS 'The range''s number.';

COMMENT ON COLUMN segue.failed_row.id IS 'Its number here.';
COMMENT ON COLUMN segue.failed_row.step_id IS 'The backfill that could not carry it.';
COMMENT ON COLUMN segue.failed_row.table_name IS 'The table that it stands in.';
COMMENT ON COLUMN segue.failed_row.key IS 'The primary key, as text values by column.';
COMMENT ON COLUMN segue.failed_row.sqlstate IS 'The server''s code of what went wrong.';
COMMENT ON COLUMN segue.failed_row.message IS 'What went wrong, in the server''s words.';
COMMENT ON COLUMN segue.failed_row.row IS 'The row as it was then.';
COMMENT ON COLUMN segue.failed_row.state IS 'failed, retried (carried since), accepted (left as it is, on somebody''s word).';
COMMENT ON COLUMN segue.failed_row.at IS 'When it failed.';

COMMENT ON COLUMN segue.check_result.id IS 'Its number here.';
COMMENT ON COLUMN segue.check_result.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.check_result.name IS 'The check, as its file calls it.';
COMMENT ON COLUMN segue.check_result.phase IS 'The boundary that it was asked at: "after expand".';
COMMENT ON COLUMN segue.check_result.ok IS 'Whether it held.';
COMMENT ON COLUMN segue.check_result.severity IS 'error: the run stops where it does not hold; warning: it goes on.';
COMMENT ON COLUMN segue.check_result.expected IS 'What was expected, as text.';
COMMENT ON COLUMN segue.check_result.actual IS 'What was found, as text.';
COMMENT ON COLUMN segue.check_result.offending IS 'The first of the rows that should not be there.';
COMMENT ON COLUMN segue.check_result.at IS 'When it was asked.';

COMMENT ON COLUMN segue.baseline.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.baseline.name IS 'A check or a probe by its name; "first": the key of the first row of a tenancy; "catalog after PHASE": the fingerprint there; "again STEP": it was undone once; "first was made": not found; "number of TABLE": the table''s oid.';
COMMENT ON COLUMN segue.baseline.value IS 'The value, as text.';
COMMENT ON COLUMN segue.baseline.inserted IS 'Rows that the table''s statistics had counted as inserted by then.';
COMMENT ON COLUMN segue.baseline.deleted IS 'Rows that the table''s statistics had counted as deleted by then.';

COMMENT ON COLUMN segue.probe_result.id IS 'Its number here.';
COMMENT ON COLUMN segue.probe_result.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.probe_result.name IS 'The probe, as its file calls it.';
COMMENT ON COLUMN segue.probe_result.phase IS 'The boundary that it was measured at.';
COMMENT ON COLUMN segue.probe_result.ok IS 'Whether it kept its limits.';
COMMENT ON COLUMN segue.probe_result.before_ms IS 'What the old statement took before the first step, in milliseconds.';
COMMENT ON COLUMN segue.probe_result.after_ms IS 'What the new statement takes, in milliseconds.';
COMMENT ON COLUMN segue.probe_result.before_buffers IS 'Pages that the old statement touched.';
COMMENT ON COLUMN segue.probe_result.after_buffers IS 'Pages that the new statement touches.';
COMMENT ON COLUMN segue.probe_result.message IS 'Which limit it did not keep.';
COMMENT ON COLUMN segue.probe_result.plan IS 'The plan that the server took, as EXPLAIN tells it.';
COMMENT ON COLUMN segue.probe_result.at IS 'When it was measured.';

COMMENT ON COLUMN segue.viewpoint_result.id IS 'Its number here.';
COMMENT ON COLUMN segue.viewpoint_result.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.viewpoint_result.name IS 'The viewpoint, as its file calls it.';
COMMENT ON COLUMN segue.viewpoint_result.phase IS 'The boundary that it was looked from.';
COMMENT ON COLUMN segue.viewpoint_result.table_name IS 'The table that was looked at.';
COMMENT ON COLUMN segue.viewpoint_result.ok IS 'Whether it saw what it should, and nothing else.';
COMMENT ON COLUMN segue.viewpoint_result.expected IS 'What it should see.';
COMMENT ON COLUMN segue.viewpoint_result.visible IS 'How many rows it saw.';
COMMENT ON COLUMN segue.viewpoint_result.at IS 'When it looked.';

COMMENT ON COLUMN segue.approval.id IS 'Its number here.';
COMMENT ON COLUMN segue.approval.run_id IS 'The run that it belongs to; none: it was given before one began.';
COMMENT ON COLUMN segue.approval.migration IS 'The migration that it is about.';
COMMENT ON COLUMN segue.approval.gate IS 'The gate that it is about.';
COMMENT ON COLUMN segue.approval.role IS 'As what the person signed.';
COMMENT ON COLUMN segue.approval.person IS 'Who it was.';
COMMENT ON COLUMN segue.approval.kind IS 'implemented, tested, reviewed, signed, opened (by hand, with a reason), plan.';
COMMENT ON COLUMN segue.approval.note IS 'What was said with it.';
COMMENT ON COLUMN segue.approval.plan_hash IS 'The plan that it was given for.';
COMMENT ON COLUMN segue.approval.void IS 'It does not count any more: a rollback went below what it was given for.';
COMMENT ON COLUMN segue.approval.at IS 'When it was given.';

COMMENT ON COLUMN segue.event.id IS 'Its number; they come in this order.';
COMMENT ON COLUMN segue.event.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.event.at IS 'When it happened.';
COMMENT ON COLUMN segue.event.level IS 'info, warning, error.';
COMMENT ON COLUMN segue.event.code IS 'What it is, for programs: step-done, phase-done, rolled-back.';
COMMENT ON COLUMN segue.event.message IS 'What it is, for people.';

COMMENT ON COLUMN segue.kept_row.id IS 'Its number here.';
COMMENT ON COLUMN segue.kept_row.run_id IS 'The run whose rollback set it aside.';
COMMENT ON COLUMN segue.kept_row.migration IS 'The migration; its next run brings the row back.';
COMMENT ON COLUMN segue.kept_row.table_name IS 'The table that it stood in.';
COMMENT ON COLUMN segue.kept_row.reason IS 'Why the old shape could not hold it.';
COMMENT ON COLUMN segue.kept_row.message IS 'Why a later run could not put it back.';
COMMENT ON COLUMN segue.kept_row.at IS 'When it was set aside.';

COMMENT ON COLUMN segue.hook_result.id IS 'Its number here.';
COMMENT ON COLUMN segue.hook_result.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.hook_result.hook IS 'The hook, as its file calls it.';
COMMENT ON COLUMN segue.hook_result.phase IS 'The phase that called it.';
COMMENT ON COLUMN segue.hook_result.ok IS 'Whether it did what it should.';
COMMENT ON COLUMN segue.hook_result.message IS 'What it answered.';
COMMENT ON COLUMN segue.hook_result.at IS 'When it was called.';

COMMENT ON COLUMN segue.usage_sample.id IS 'Its number here.';
COMMENT ON COLUMN segue.usage_sample.run_id IS 'The run that it belongs to.';
COMMENT ON COLUMN segue.usage_sample.at IS 'When it was looked.';
COMMENT ON COLUMN segue.usage_sample.statement IS 'The statement, its values taken out.';
COMMENT ON COLUMN segue.usage_sample.calls IS 'How often it had been called by then.';
COMMENT ON COLUMN segue.usage_sample.old_name IS 'The old name that it uses.';

COMMENT ON COLUMN segue.runner.singleton IS 'There is one row.';
COMMENT ON COLUMN segue.runner.host IS 'The machine that it runs on.';
COMMENT ON COLUMN segue.runner.owner IS 'Who started it there.';
COMMENT ON COLUMN segue.runner.heartbeat IS 'Its last sign of life.';
COMMENT ON COLUMN segue.runner.migration IS 'What it runs.';
COMMENT ON COLUMN segue.runner.pause_requested IS 'Somebody has asked it to stop after what is under way.';
)sql";

}  // namespace segue::ledger
