-- The way back from phase 2.
-- As the plan has it, mistakes included: this is what the lint and the rehearsal are tried on. Do not run it.

-- Clear backfilled data
UPDATE work_orders SET client_id = NULL WHERE client_id = 1;
UPDATE users SET client_id = NULL WHERE client_id = 1;
