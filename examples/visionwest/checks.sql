-- The plan's validations, each at the boundary that it belongs to, in the plan's order. Where the plan's query was wrong
-- it is mended, and a line "Mended:" says how. Phase 1 of the plan is expand here, 2 is backfill, 3 is validate (indexes,
-- foreign keys) and enforce (NOT NULL), 4 is switch. Until the switch the new column of work_orders is called
-- client_id_next: the old application's client_id stands beside it. `mend:` is what to do where a check fails.
-- Mended everywhere: the literal 1 for Visionwest's key is asked for by its code; names are looked up in schema public.

-- ---- phase 1 ----

-- check: 1.1 the clients table is there · after: expand · expect: 1
SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'clients';

-- check: 1.2 Visionwest is there and active · after: expand · expect: 1
SELECT count(*) FROM clients WHERE code = 'VISIONWEST' AND status = 'active';

-- check: 1.3 users.client_id is there, nullable, integer · after: expand · expect: client_id YES integer
SELECT concat_ws(' ', column_name, is_nullable, data_type) FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = 'users' AND column_name = 'client_id';

-- check: 1.3 no user of before has a client yet · after: expand · no_rows
-- Mended: "the number of NULLs is the number of users" is false as soon as the application inserts or updates one.
SELECT id FROM users
WHERE client_id IS NOT NULL
  AND greatest("createdAt", "updatedAt") < (SELECT created_at - interval '1 minute' FROM clients WHERE code = 'VISIONWEST');

-- check: 1.4 work_orders has the new column, nullable, integer · after: expand · expect: client_id_next YES integer
-- Mended: the plan's query is answered by the old client_id, which is nullable and an integer too.
SELECT concat_ws(' ', column_name, is_nullable, data_type) FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = 'work_orders' AND column_name = 'client_id_next';

-- check: 1.4 no work order of before has a client yet · after: expand · no_rows
-- Mended: as for users.
SELECT id FROM work_orders
WHERE client_id_next IS NOT NULL
  AND greatest("createdAt", "updatedAt") < (SELECT created_at - interval '1 minute' FROM clients WHERE code = 'VISIONWEST');

-- check: 1.4 the old client_id still points at users · after: [expand, backfill, validate, enforce] · expect: users
-- Added: the name has two meanings until the switch.
SELECT confrelid::regclass::text FROM pg_constraint
WHERE conrelid = 'work_orders'::regclass AND contype = 'f'
  AND conkey = (SELECT array_agg(attnum) FROM pg_attribute WHERE attrelid = 'work_orders'::regclass AND attname = 'client_id');

-- check: 1.4 what the old application inserts belongs to Visionwest · after: [expand, backfill, validate, enforce] · expect: 2
-- Added: without a default the old application's rows have no client, and NOT NULL refuses them.
SELECT count(*) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE ((a.attrelid = 'users'::regclass AND a.attname = 'client_id')
    OR (a.attrelid = 'work_orders'::regclass AND a.attname = 'client_id_next'))
  AND pg_get_expr(d.adbin, d.adrelid) = (SELECT id::text FROM clients WHERE code = 'VISIONWEST');

-- check: 1 rolled back: no clients table · after_rollback: expand · expect: 0
SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'clients';

-- check: 1 rolled back: no new columns · after_rollback: expand · expect: 0
-- Mended: the plan wants no client_id in work_orders, and drops the one that it did not make.
SELECT count(*) FROM information_schema.columns
WHERE table_schema = 'public'
  AND ((table_name = 'users' AND column_name = 'client_id')
    OR (table_name = 'work_orders' AND column_name IN ('client_id_next', 'requested_by_user_id')));

-- check: 1 rolled back: the old client_id is there and points at users · after_rollback: expand · expect: users
SELECT confrelid::regclass::text FROM pg_constraint
WHERE conrelid = 'work_orders'::regclass AND contype = 'f' AND convalidated
  AND conkey = (SELECT array_agg(attnum) FROM pg_attribute WHERE attrelid = 'work_orders'::regclass AND attname = 'client_id');

-- ---- phase 2 ----

-- check: 2.2 no user without a client · after: [backfill, validate] · expect: 0
SELECT count(*) FROM users WHERE client_id IS NULL;

-- check: 2.2 every user of before belongs to Visionwest · after: backfill · no_rows
-- Mended: "a single client" is false once the new application has made a second one; nobody is older than his client.
SELECT u.id, u.client_id FROM users u JOIN clients c ON c.id = u.client_id
WHERE c.code <> 'VISIONWEST' AND u."createdAt" < c.created_at - interval '1 minute';

-- check: 2.3 no work order without a client · after: [backfill, validate] · expect: 0
SELECT count(*) FROM work_orders WHERE client_id_next IS NULL;

-- check: 2.3 every work order of before belongs to Visionwest · after: backfill · no_rows
-- Mended: as for users.
SELECT w.id, w.client_id_next FROM work_orders w JOIN clients c ON c.id = w.client_id_next
WHERE c.code <> 'VISIONWEST' AND w."createdAt" < c.created_at - interval '1 minute';

-- check: 2 as many users as before · after: backfill · unchanged
-- Mended: "equals the count before" is false under live writes; `unchanged` allows for what was inserted and deleted.
SELECT count(*) FROM users;

-- check: 2 as many work orders as before · after: backfill · unchanged
SELECT count(*) FROM work_orders;

-- check: 2 rolled back: no user of before has a client · after_rollback: backfill · no_rows
-- Mended: the plan's undo clears every row of client 1, also what was written since; so does its count.
SELECT id FROM users
WHERE client_id IS NOT NULL
  AND greatest("createdAt", "updatedAt") < (SELECT created_at - interval '1 minute' FROM clients WHERE code = 'VISIONWEST');

-- check: 2 rolled back: no work order of before has a client · after_rollback: backfill · no_rows
SELECT id FROM work_orders
WHERE client_id_next IS NOT NULL
  AND greatest("createdAt", "updatedAt") < (SELECT created_at - interval '1 minute' FROM clients WHERE code = 'VISIONWEST');

-- ---- phase 3 ----

-- check: 3.1 users.client_id is NOT NULL · after: enforce · expect: NO
SELECT is_nullable FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = 'users' AND column_name = 'client_id';

-- check: 3.1 the new column of work_orders is NOT NULL · after: enforce · expect: NO
SELECT is_nullable FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = 'work_orders' AND column_name = 'client_id_next';

-- check: 3.2 all five composite indexes are there and valid · after: [validate, enforce, switch] · expect: 5
-- Mended: OR beside AND counted the uq_ indexes of every table; an invalid index was counted too.
SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid IN ('users'::regclass, 'work_orders'::regclass) AND i.indisvalid AND i.indnkeyatts = 2
  AND c.relname IN ('idx_users_client_role', 'uq_users_client_email', 'idx_work_orders_client_status',
                    'uq_work_orders_client_job_no', 'idx_work_orders_client_date');

-- check: 3 rolled back: both columns may be NULL · after_rollback: enforce · expect: YES YES
SELECT string_agg(is_nullable, ' ') FROM information_schema.columns
WHERE table_schema = 'public'
  AND ((table_name = 'users' AND column_name = 'client_id')
    OR (table_name = 'work_orders' AND column_name = 'client_id_next'));

-- check: 3 rolled back: the five indexes are gone · after_rollback: validate · expect: 0
SELECT count(*) FROM pg_class
WHERE relnamespace = 'public'::regnamespace
  AND relname IN ('idx_users_client_role', 'uq_users_client_email', 'idx_work_orders_client_status',
                  'uq_work_orders_client_job_no', 'idx_work_orders_client_date');

-- ---- phase 4 ----

-- check: 4 client_id is the client and requested_by_user_id the user · after: [switch, contract] · expect: client_id>clients requested_by_user_id>users
SELECT string_agg(a.attname || '>' || f.confrelid::regclass, ' ' ORDER BY a.attname)
FROM pg_constraint f JOIN pg_attribute a ON a.attrelid = f.conrelid AND f.conkey = ARRAY[a.attnum]
WHERE f.conrelid = 'work_orders'::regclass AND f.contype = 'f' AND f.convalidated
  AND a.attname IN ('client_id', 'requested_by_user_id');

-- check: 4 an order from the webhook lands in Visionwest · after: switch · expect: 2
-- The webhook names no client: the column's default does, until contract.
SELECT count(*) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE a.attrelid IN ('users'::regclass, 'work_orders'::regclass) AND a.attname = 'client_id'
  AND pg_get_expr(d.adbin, d.adrelid) = (SELECT id::text FROM clients WHERE code = 'VISIONWEST');

-- check: 4 a job number may be used by another client · after: [switch, contract] · expect: 0
-- Added: the plan leaves the global UNIQUE on job_no where it is, beside the one per client.
SELECT count(*) FROM pg_index
WHERE indrelid = 'work_orders'::regclass AND indisunique
  AND indkey::text = (SELECT attnum::text FROM pg_attribute WHERE attrelid = 'work_orders'::regclass AND attname = 'job_no');

-- check: 4 an e-mail address may be used by another client · after: contract · expect: 0
SELECT count(*) FROM pg_index
WHERE indrelid = 'users'::regclass AND indisunique
  AND indkey::text = (SELECT attnum::text FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'email');

-- check: 4 rolled back: client_id is the user again · after_rollback: switch · expect: users
SELECT confrelid::regclass::text FROM pg_constraint
WHERE conrelid = 'work_orders'::regclass AND contype = 'f'
  AND conkey = (SELECT array_agg(attnum) FROM pg_attribute WHERE attrelid = 'work_orders'::regclass AND attname = 'client_id');

-- check: 4 rolled back: job numbers are unique again · after_rollback: switch · expect: 1
SELECT count(*) FROM pg_constraint
WHERE conrelid = 'work_orders'::regclass AND contype = 'u' AND conname = 'work_orders_job_no_key';

-- ---- integrity, after each phase; and the three cases of the plan's troubleshooting ----

-- check: users of a client that does not exist · after: [expand, backfill, validate, enforce, switch, contract] · no_rows
-- Mended: NOT IN finds nothing once a NULL is in the list, and the count does not say which.
-- mend: UPDATE users SET client_id = (SELECT id FROM clients WHERE code = 'VISIONWEST') WHERE client_id = the value shown and id = the id shown
SELECT u.id, u.client_id FROM users u
WHERE u.client_id IS NOT NULL AND NOT EXISTS (SELECT FROM clients c WHERE c.id = u.client_id);

-- check: one e-mail address twice in a client · after: [expand, backfill, validate, enforce, switch, contract] · no_rows
-- Mended: users without an address are not duplicates of each other.
-- mend: merge the accounts, or move one to another client, or deactivate one and change its address: UPDATE users SET is_active = false, email = email || '.duplicate-' || id WHERE id = the newer id shown
SELECT client_id, email, array_agg(id ORDER BY id) AS users FROM users
WHERE email IS NOT NULL
GROUP BY client_id, email HAVING count(*) > 1;

-- check: work orders of a client that does not exist · after: [expand, backfill, validate, enforce] · no_rows
-- mend: UPDATE work_orders SET client_id_next = (SELECT id FROM clients WHERE code = 'VISIONWEST') WHERE client_id_next = the value shown and id = the id shown
SELECT w.id, w.job_no, w.client_id_next FROM work_orders w
WHERE w.client_id_next IS NOT NULL AND NOT EXISTS (SELECT FROM clients c WHERE c.id = w.client_id_next);

-- check: work orders of a client that does not exist, by the new name · after: [switch, contract] · no_rows
SELECT w.id, w.job_no, w.client_id FROM work_orders w
WHERE w.client_id IS NOT NULL AND NOT EXISTS (SELECT FROM clients c WHERE c.id = w.client_id);

-- check: one job number twice in a client · after: [expand, backfill, validate, enforce] · no_rows
-- mend: give the newer order a number of its own: UPDATE work_orders SET job_no = job_no || '-B' WHERE id = the newer id shown
SELECT client_id_next, job_no, array_agg(id ORDER BY id) AS work_orders FROM work_orders
WHERE job_no IS NOT NULL
GROUP BY client_id_next, job_no HAVING count(*) > 1;

-- check: one job number twice in a client, by the new name · after: [switch, contract] · no_rows
SELECT client_id, job_no, array_agg(id ORDER BY id) AS work_orders FROM work_orders
WHERE job_no IS NOT NULL
GROUP BY client_id, job_no HAVING count(*) > 1;

-- check: both foreign keys are there, checked, and restrict · after: [validate, enforce, switch, contract] · expect: 2
-- Mended: the plan expects SET NULL ('n'), which NOT NULL refuses at the first delete; and it expects no other foreign key.
SELECT count(*) FROM pg_constraint
WHERE conrelid IN ('users'::regclass, 'work_orders'::regclass) AND contype = 'f' AND confrelid = 'clients'::regclass
  AND conname IN ('fk_users_client', 'fk_work_orders_client') AND confdeltype IN ('r', 'a') AND convalidated;

-- check: users without a client · after: [backfill, validate, enforce, switch, contract] · no_rows
-- mend: UPDATE users SET client_id = (SELECT id FROM clients WHERE code = 'VISIONWEST') WHERE client_id IS NULL
SELECT id, username FROM users WHERE client_id IS NULL;

-- check: work orders without a client · after: [backfill, validate, enforce] · no_rows
-- mend: UPDATE work_orders SET client_id_next = (SELECT id FROM clients WHERE code = 'VISIONWEST') WHERE client_id_next IS NULL
SELECT id, job_no FROM work_orders WHERE client_id_next IS NULL;

-- check: work orders without a client, by the new name · after: [switch, contract] · no_rows
SELECT id, job_no FROM work_orders WHERE client_id IS NULL;

-- check: addresses that differ in capitals only · after: backfill · no_rows · severity: warning
-- Added: they are two users to the database and one to the person who logs in.
SELECT lower(email) AS email, array_agg(id ORDER BY id) AS users FROM users
WHERE email IS NOT NULL
GROUP BY client_id, lower(email) HAVING count(DISTINCT email) > 1;
