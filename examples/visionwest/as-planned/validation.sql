-- The validations of the plan.
-- As the plan has it, mistakes included: this is what the lint and the rehearsal are tried on. Do not run it.

-- ---- after phase 1 ----

-- Verify table exists
SELECT COUNT(*) FROM information_schema.tables
WHERE table_name = 'clients';
-- Expected: 1

SELECT * FROM clients WHERE code = 'VISIONWEST';
-- Expected: 1 row with active status

-- Verify column exists and is nullable
SELECT column_name, is_nullable, data_type
FROM information_schema.columns
WHERE table_name = 'users' AND column_name = 'client_id';
-- Expected: client_id, YES, integer

-- Verify all client_id values are NULL
SELECT COUNT(*) FROM users WHERE client_id IS NULL;
-- Expected: Total user count (all users)

-- Verify column exists and is nullable
SELECT column_name, is_nullable, data_type
FROM information_schema.columns
WHERE table_name = 'work_orders' AND column_name = 'client_id';
-- Expected: client_id, YES, integer

-- Verify all client_id values are NULL
SELECT COUNT(*) FROM work_orders WHERE client_id IS NULL;
-- Expected: Total work order count

-- ---- after the rollback of phase 1 ----

SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'clients';
-- Expected: 0

SELECT COUNT(*) FROM information_schema.columns
WHERE table_name IN ('users', 'work_orders') AND column_name = 'client_id';
-- Expected: 0

-- ---- after phase 2 ----

-- Check for remaining NULL values
SELECT COUNT(*) FROM users WHERE client_id IS NULL;
-- Expected: 0

-- Verify all assigned to Visionwest
SELECT client_id, COUNT(*) FROM users GROUP BY client_id;
-- Expected: Single row with client_id = 1

-- Check for remaining NULL values
SELECT COUNT(*) FROM work_orders WHERE client_id IS NULL;
-- Expected: 0

-- Verify all assigned to Visionwest
SELECT client_id, COUNT(*) FROM work_orders GROUP BY client_id;
-- Expected: Single row with client_id = 1

-- ---- after the rollback of phase 2 ----

SELECT COUNT(*) FROM users WHERE client_id IS NOT NULL;
-- Expected: 0

SELECT COUNT(*) FROM work_orders WHERE client_id IS NOT NULL;
-- Expected: 0

-- ---- after phase 3 ----

-- Verify NOT NULL constraint
SELECT column_name, is_nullable
FROM information_schema.columns
WHERE table_name = 'users' AND column_name = 'client_id';
-- Expected: is_nullable = 'NO'

SELECT column_name, is_nullable
FROM information_schema.columns
WHERE table_name = 'work_orders' AND column_name = 'client_id';
-- Expected: is_nullable = 'NO'

-- Verify indexes exist
SELECT indexname FROM pg_indexes
WHERE tablename IN ('users', 'work_orders')
AND indexname LIKE 'idx_%' OR indexname LIKE 'uq_%';
-- Expected: All 5 indexes listed

-- ---- after the rollback of phase 3 ----

SELECT column_name, is_nullable
FROM information_schema.columns
WHERE table_name IN ('users', 'work_orders') AND column_name = 'client_id';
-- Expected: Both rows with is_nullable = 'YES'

-- ---- performance ----

-- Work order list query
EXPLAIN ANALYZE
SELECT * FROM work_orders WHERE status = 'pending' ORDER BY date DESC LIMIT 10;
-- Record: Execution time, rows scanned, index used

-- Work order list query (client-scoped)
EXPLAIN ANALYZE
SELECT * FROM work_orders
WHERE client_id = 1 AND status = 'pending'
ORDER BY date DESC LIMIT 10;
-- Target: <10% increase in execution time
-- Verify: idx_work_orders_client_status used

-- ---- integrity, after each phase ----

-- All users have valid client_id
SELECT COUNT(*) FROM users u
LEFT JOIN clients c ON u.client_id = c.id
WHERE u.client_id IS NOT NULL AND c.id IS NULL;
-- Expected: 0 (no orphaned users)

-- Email uniqueness per client
SELECT client_id, email, COUNT(*)
FROM users
GROUP BY client_id, email
HAVING COUNT(*) > 1;
-- Expected: 0 rows (no duplicate emails per client)

-- All work orders have valid client_id
SELECT COUNT(*) FROM work_orders wo
LEFT JOIN clients c ON wo.client_id = c.id
WHERE wo.client_id IS NOT NULL AND c.id IS NULL;
-- Expected: 0 (no orphaned work orders)

-- Job number uniqueness per client
SELECT client_id, job_no, COUNT(*)
FROM work_orders
WHERE job_no IS NOT NULL
GROUP BY client_id, job_no
HAVING COUNT(*) > 1;
-- Expected: 0 rows (no duplicate job numbers per client)

-- Verify foreign key constraints exist
SELECT conname, contype, confdeltype
FROM pg_constraint
WHERE conrelid IN ('users'::regclass, 'work_orders'::regclass)
AND contype = 'f';
-- Expected: fk_users_client and fk_work_orders_client with confdeltype = 'n' (SET NULL)
