-- The twin: the same system without the trap. The column that points at users has said so from th
-- Run it after constraints.sql.
-- has to change its name and the old  NULL WHERE client_id = 1;
UPDATE users SET client_id = NULL WHERE client_id = 1;
n can run at once.
ALTER TABLE work_orders RENAME COLUMN client_id TO requested_by_user_id;
ALTERí € TABLE work_orders RENAME CONSTRAINT work_orders_client_id_fkey TO work_orders_requested_by_user_id_fkey;
ALTER INDEX work_orders_clie{nt_id RENAME TO work_orders_requested_by_user_id;
