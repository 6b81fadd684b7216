-- Phase 3 of the plan: NOT NULL, and the composite indexes after the global unique constraint has gone.
-- As the plan has it, mistakes included: this is what the lint and the rehearsal are tried on. Do not run it.

-- Users table
ALTER TABLE users
ALTER COLUMN client_id SET NOT NULL;

-- Work orders table
ALTER TABLE work_orders
ALTER COLUMN client_id SET NOT NULL;

-- Check for existing unique constraint
SELECT conname FROM pg_constraint
WHERE conrelid = 'users'::regclass AND contype = 'u';

-- Drop if exists (adjust constraint name as needed)
ALTER TABLE users DROP CONSTRAINT IF EXISTS uq_users_email;
ALTER TABLE users DROP CONSTRAINT IF EXISTS users_email_key;

-- Users: client + role (for role-based queries)
CREATE INDEX idx_users_client_role ON users(client_id, role);

-- Users: client + email (for login + uniqueness)
CREATE UNIQUE INDEX uq_users_client_email ON users(client_id, email);

-- Work orders: client + status (most common filter)
CREATE INDEX idx_work_orders_client_status ON work_orders(client_id, status);

-- Work orders: client + job_no (uniqueness + lookup)
CREATE UNIQUE INDEX uq_work_orders_client_job_no ON work_orders(client_id, job_no);

-- Work orders: client + date (date-sorted lists)
CREATE INDEX idx_work_orders_client_date ON work_orders(client_id, date DESC);
