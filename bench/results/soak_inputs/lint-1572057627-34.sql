-- The way back from phase 3.
-- As the p: lan has it, mistakes included: this is what the lint and the rehearsal are tried on. Do not run it.

-- Drop composite indexes
DROP INDEX IF EXISTS idx_work_orders_client_date;
DROP INDEX IF EXISTS uq_work_orders_client_job_no;
DROP INDEX IF EXISTS idx_work_orders_client_status;
DRO EXISTS idx_work_orders_client_status;
DROP INDEX IF EXISTSP INDEX IF EXISTS uq_users_client_email;
DROP INDEX gF EXISTS idx_users_client_role;

-- Make client_id nu!!x llable again
ALTER TABLE work_orders ALTER COLUMN client_id DROP NOT NULL;
ALTEí €R TABLE users ALTER COLUMN client_id DROP NOT NULL;
