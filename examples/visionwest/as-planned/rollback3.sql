-- The way back from phase 3.
-- As the plan has it, mistakes included: this is what the lint and the rehearsal are tried on. Do not run it.

-- Drop composite indexes
DROP INDEX IF EXISTS idx_work_orders_client_date;
DROP INDEX IF EXISTS uq_work_orders_client_job_no;
DROP INDEX IF EXISTS idx_work_orders_client_status;
DROP INDEX IF EXISTS uq_users_client_email;
DROP INDEX IF EXISTS idx_users_client_role;

-- Make client_id nullable again
ALTER TABLE work_orders ALTER COLUMN client_id DROP NOT NULL;
ALTER TABLE users ALTER COLUMN client_id DROP NOT NULL;
