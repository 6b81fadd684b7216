-- What the plan does when a phase goes wrong.
-- As the plan has it, mistakes included: this is what the lint and the rehearsal are tried on. Do not run it.

-- 1: users without a client

-- Re-run backfill manually
UPDATE users SET client_id = 1 WHERE client_id IS NULL;
UPDATE work_orders SET client_id = 1 WHERE client_id IS NULL;

-- Verify
SELECT COUNT(*) FROM users WHERE client_id IS NULL;
SELECT COUNT(*) FROM work_orders WHERE client_id IS NULL;

-- 2: a client that does not exist

-- Find orphaned records
SELECT id, client_id FROM users WHERE client_id NOT IN (SELECT id FROM clients);
SELECT id, client_id FROM work_orders WHERE client_id NOT IN (SELECT id FROM clients);

-- Fix: Assign to Visionwest client
UPDATE users SET client_id = 1 WHERE client_id NOT IN (SELECT id FROM clients);
UPDATE work_orders SET client_id = 1 WHERE client_id NOT IN (SELECT id FROM clients);

-- 3: one address twice

-- Find duplicates
SELECT email, COUNT(*) FROM users GROUP BY email HAVING COUNT(*) > 1;

-- Manual resolution: Contact admin to resolve duplicate accounts
-- Option 1: Merge accounts
-- Option 2: Reassign one account to different client
-- Option 3: Deactivate duplicate account
