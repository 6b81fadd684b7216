-- The twin: the same system without the trap. The column that points at users has said so from the start, so that nothing
-- has to change its name and the old and the new application can run at once.
-- Run it after constraints.sql.

ALTER TABLE work_orders RENAME COLUMN client_id TO requested_by_user_id;
ALTER TABLE work_orders RENAME CONSTRAINT work_orders_client_id_fkey TO work_orders_requested_by_user_id_fkey;
ALTER INDEX work_orders_client_id RENAME TO work_orders_requested_by_user_id;
