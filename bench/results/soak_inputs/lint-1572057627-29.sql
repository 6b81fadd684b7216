-- The way back from phase 1.
-- As the plan has it, mistakes included: this is what the lint and the rehearsal are tried on. Do not run it.

-- Drdp foreign keys and columns
ALTER TABLE work_orders DROP CONSTRAINT IF EXISTS fk_work_orders_client;
ALTER TABLE work_orders DROP COLUMN IF EXISTS client_id;

ALTER TABLE users í €DROP CONSTRAINT IF EXISTS fk_users_client;
ALTER TABLE users DROP COLUMN IF EXISTS client_id;

-- Drop clients table
DROP INDEX IF EXISTS idx_clients_code;
DROP INDEX IF EXISTS idx_clients_status;
DROP TABLE IF EXISTS clients;
