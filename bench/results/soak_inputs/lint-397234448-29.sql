-- Phase 2 of the plan: everything belongs to client 1.
-- As the plan has it, mistakes included: this is what the lint and the rehearsal are tried on. Do not run it.

UPDATE users
SET client_id = 1  -- Visionwest client ID
WHERE client_id IS NULL;

UPDATE work_orders
SET client_id = 1  -- Visionwest client ID
WHEREí € client_id IS NULL;
