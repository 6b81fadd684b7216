-- Fills the legacy tables (after schema.sql, before constraints.sql).
--
--   SET visionwest.orders = 200000;      -- 20000 unless set
--
-- The same number gives the same rows everywhere: every value is computed from the row's number by a hash, dates count
-- back from a fixed day, nothing asks the clock, random(), the session's time zone or the database's locale. The rows are
-- as real ones are: missing and odd-cased e-mail addresses, one organization spelled five ways, '' beside NULL, job
-- numbers in several hands, dates of 1900 and 2099, entries made twice, gaps where rows were deleted, notes of several
-- kilobytes.

-- A number from 0 to n - 1, fixed by the row and the purpose.
CREATE FUNCTION pg_temp.draw(row_no bigint, purpose int, n int) RETURNS int
LANGUAGE sql IMMUTABLE AS $$ SELECT ((hashint8extended(row_no, purpose) & 2147483647) % n)::int $$;

-- The same, low numbers far more often.
CREATE FUNCTION pg_temp.draw_low(row_no bigint, purpose int, n int) RETURNS int
LANGUAGE sql IMMUTABLE AS $$ SELECT floor(power((hashint8extended(row_no, purpose) & 16777215) / 16777216.0::float8, 3) * n)::int $$;

-- Keys with gaps: every 37th is missing, each thousand lost seven, and a block was deleted at the 10,000th.
CREATE FUNCTION pg_temp.order_key(n int) RETURNS int
LANGUAGE sql IMMUTABLE AS $$ SELECT n + n / 37 + n / 1000 * 7 + n / 10000 * 250 $$;
CREATE FUNCTION pg_temp.user_key(n int) RETURNS int
LANGUAGE sql IMMUTABLE AS $$ SELECT n + n / 11 $$;

CREATE FUNCTION pg_temp.orders() RETURNS int
LANGUAGE sql STABLE AS $$ SELECT coalesce(nullif(current_setting('visionwest.orders', true), ''), '20000')::int $$;
CREATE FUNCTION pg_temp.users() RETURNS int
LANGUAGE sql STABLE AS $$ SELECT greatest(50, pg_temp.orders() / 100) $$;

-- Six years up to the morning of 1 October 2025; the later the number, the later the order.
CREATE FUNCTION pg_temp.order_time(n int, orders int) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
  SELECT timestamptz '2025-10-01 09:00:00+00'
         - make_interval(secs => (orders - n) * 189216000.0::float8 / orders + pg_temp.draw(n, 1, 3600))
$$;

-- What is new is mostly open, what is old mostly done.
CREATE FUNCTION pg_temp.order_status(n int, orders int) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN n > orders - orders / 12
    THEN (ARRAY['completed', 'completed', 'completed', 'completed', 'cancelled', 'in-progress', 'in-progress',
                'in-progress', 'in-progress', 'in-progress', 'pending', 'pending', 'pending', 'pending', 'pending',
                'pending', 'pending', 'pending', 'pending', 'pending'])[1 + pg_temp.draw(n, 2, 20)]
    ELSE (ARRAY['pending', 'in-progress', 'cancelled', 'cancelled', 'cancelled'])[1 + pg_temp.draw(n, 2, 50)]
  END
$$;

-- A member of staff: numbers 2 to 5 of each fifty users.
CREATE FUNCTION pg_temp.staff_key(row_no bigint, purpose int, users int) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_temp.user_key(pg_temp.draw(row_no, purpose, users / 50) * 50 + 2 + pg_temp.draw(row_no, purpose + 1000, 4))
$$;

INSERT INTO users (id, username, email, password, role, full_name, phone_number, organization, is_active,
                   account_manager_id, "createdAt", "updatedAt")
SELECT pg_temp.user_key(n),
       lower((first || '.' || last) COLLATE "C") || n,
       CASE WHEN n = 7 THEN ''
            WHEN n % 200 = 0 THEN upper((first || '.' || (n - 1)) COLLATE "C") || '@VISIONWEST.ORG.NZ'
            WHEN n % 200 = 199 THEN lower((next_first || '.' || n) COLLATE "C") || '@visionwest.org.nz'
            WHEN pg_temp.draw(n, 10, 100) < 3 THEN NULL
            WHEN pg_temp.draw(n, 10, 100) < 8 THEN first || '.' || n || '@VisionWest.Org.NZ'
            WHEN pg_temp.draw(n, 10, 100) = 8 THEN lower((first || '.' || n) COLLATE "C") || '@visionwest.org.nz '
            ELSE lower((first || '.' || n) COLLATE "C") || (ARRAY['@visionwest.org.nz', '@example.org', '@mail.example'])[1 + pg_temp.draw(n, 11, 3)]
       END,
       '$2b$10$' || left(md5(n::text) || md5((-n)::text), 53),
       CASE WHEN n % 50 = 1 THEN 'admin' WHEN n % 50 BETWEEN 2 AND 5 THEN 'staff'
            WHEN n % 50 BETWEEN 6 AND 10 THEN 'client_admin' ELSE 'client' END::enum_users_role,
       first || ' ' || last,
       CASE pg_temp.draw(n, 12, 6) WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN '+64 21 555 ' || lpad((n % 10000)::text, 4, '0')
            WHEN 3 THEN '(09) 555-' || lpad((n % 10000)::text, 4, '0') ELSE '021555' || lpad((n % 10000)::text, 4, '0') END,
       (ARRAY['VisionWest Community Trust', 'VisionWest Community Trust', 'VisionWest Community Trust', 'Visionwest',
              'VISION WEST', 'Vision West Community Trust ', 'visionwest community trust', '', NULL])[1 + pg_temp.draw(n, 13, 9)],
       pg_temp.draw(n, 14, 20) > 0,
       CASE WHEN n % 50 BETWEEN 1 AND 5 OR pg_temp.draw(n, 15, 10) = 0 THEN NULL ELSE pg_temp.staff_key(n, 16, users) END,
       joined, joined + make_interval(secs => pg_temp.draw(n, 17, 8000000))
FROM (
  SELECT n, users,
         names[1 + pg_temp.draw(n, 18, 16)] AS first, names[1 + pg_temp.draw(n + 1, 18, 16)] AS next_first,
         (ARRAY['Te Wiata', 'Ngāti', 'Parata', 'Smith', 'Patel', 'Nguyễn', 'O''Brien', 'van der Berg', 'Müller', 'Li',
                'Tūhoe', 'Fa''asavalu', 'Ioane', 'Brown', 'Wilson', 'Singh'])[1 + pg_temp.draw(n, 19, 16)] AS last,
         timestamptz '2025-06-01 00:00:00+00' - make_interval(secs => (users - n) * 180000000.0::float8 / users) AS joined
  FROM (SELECT pg_temp.users() AS users,
               ARRAY['Hēmi', 'Aroha', 'Mere', 'Wiremu', 'Ana', 'John', 'Priya', 'Thị', 'Séamus', 'Anneke', 'Jürgen', 'Wei',
                     'Rāwiri', 'Sina', 'Sarah', 'Harpreet'] AS names OFFSET 0) AS given,
       LATERAL generate_series(1, users) AS n
) AS person;

INSERT INTO work_orders (id, job_no, date, status, priority, work_order_type, property_name, property_address,
                         property_phone, description, supplier_name, supplier_phone, supplier_email, po_number,
                         authorized_by, authorized_contact, authorized_email, client_id, created_by, "createdAt", "updatedAt")
SELECT key,
       CASE pg_temp.draw(n, 20, 100) WHEN 0 THEN NULL WHEN 1 THEN 'rbwo' || 100000 + key WHEN 2 THEN 'RBWO-' || 100000 + key
            WHEN 3 THEN 'RBWO ' || 100000 + key || ' ' ELSE 'RBWO' || 100000 + key END,
       CASE pg_temp.draw(n, 21, 2000) WHEN 0 THEN date '1900-01-01' WHEN 1 THEN date '2099-12-31' WHEN 2 THEN date '1970-01-01'
            ELSE date '2025-10-01' - ((orders - n) * 2190.0::float8 / orders)::int - 3 + pg_temp.draw(same, 22, 14) END,
       coalesce(pg_temp.order_status(n, orders), 'completed'),
       (ARRAY['low', 'normal', 'normal', 'normal', 'normal', 'normal', 'normal', 'high', 'high', 'urgent'])[1 + pg_temp.draw(same, 23, 10)],
       (ARRAY['Plumbing', 'Electrical', 'Roofing', 'Gas', 'plumbing', 'Painting', 'General', '', NULL])[1 + pg_temp.draw(same, 24, 9)],
       1 + pg_temp.draw(same, 25, 180) || ' ' || street,
       CASE pg_temp.draw(same, 26, 20) WHEN 0 THEN NULL WHEN 1 THEN ''
            ELSE 1 + pg_temp.draw(same, 25, 180) || ' ' || street || ', ' ||
                 (ARRAY['Ōtāhuhu', 'Glen Eden', 'Tāmaki', 'New Lynn', 'Whangārei', 'Henderson', 'Ranui', 'Rānui'])[1 + pg_temp.draw(same, 27, 8)] END,
       CASE pg_temp.draw(same, 28, 4) WHEN 0 THEN NULL WHEN 1 THEN '' ELSE '09 555 ' || 1000 + pg_temp.draw(same, 29, 9000) END,
       (ARRAY['Kitchen tap leaks.', 'No hot water since Friday', 'Heat pump: noisy fan', 'Gutter blocked – water comes in', 'Back door does not lock',
              'Smoke alarm chirps', 'MOULD in bedroom 2', 'Toilet runs all night'])[1 + pg_temp.draw(same, 30, 8)] || ' ' ||
       (ARRAY['Tenant is home after 3 pm.', 'Key at the office.', 'Please ring first, dog in the yard.', 'Third call this month!',
              'See photos.', 'Quote needed before any work starts; the owner wants two.'])[1 + pg_temp.draw(same, 31, 6)] ||
       CASE WHEN pg_temp.draw(n, 32, 1000) = 0
            THEN E'\n' || (SELECT string_agg(md5(n || '/' || line), E'\n') FROM generate_series(1, 160) AS line) ELSE '' END,
       (ARRAY['Aqua Plumbing Ltd', 'AQUA PLUMBING', 'Sparks & Sons', 'West Roofing', 'Māori Builders Co-op', 'Handy Andy',
              'Glass "R" Us'])[1 + pg_temp.draw(same, 33, 7)],
       CASE WHEN pg_temp.draw(same, 34, 5) = 0 THEN NULL ELSE '0800 55' || pg_temp.draw(same, 33, 7) || ' 000' END,
       CASE pg_temp.draw(same, 35, 5) WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'jobs' || pg_temp.draw(same, 33, 7) || '@supplier.example' END,
       CASE pg_temp.draw(n, 36, 3) WHEN 0 THEN NULL WHEN 1 THEN 'PO-' || key ELSE 'PO' || pg_temp.draw(n, 37, 50000) END,
       CASE WHEN pg_temp.draw(n, 38, 4) > 0 THEN (ARRAY['Mere P.', 'mere p', 'J. Smith', 'A. Ngāti'])[1 + pg_temp.draw(n, 39, 4)] END,
       CASE WHEN pg_temp.draw(n, 38, 4) = 1 THEN '021 555 0' || pg_temp.draw(n, 39, 4) END,
       CASE WHEN pg_temp.draw(n, 38, 4) = 2 THEN 'office@visionwest.org.nz' WHEN pg_temp.draw(n, 38, 4) = 3 THEN '' END,
       CASE WHEN pg_temp.draw(n, 40, 100) >= 12 THEN pg_temp.user_key(1 + pg_temp.draw_low(n, 41, users)) END,
       CASE WHEN pg_temp.draw(n, 42, 20) > 0 THEN pg_temp.staff_key(n, 43, users) END,
       made, made + make_interval(secs => pg_temp.draw(n, 45, 864000))
FROM (
  SELECT n, orders, users, pg_temp.order_key(n) AS key,
         n - (n % 250 = 0)::int AS same,      -- each 250th was entered twice: another number, the same words
         (ARRAY['Kōwhai Rise', 'Great North Rd', 'Great North Road', 'Pūriri St', 'Station Rd', 'Te Atatū Rd', 'Rata Street',
                'Titirangi Rd', 'Lincoln Rd', 'Swanson Rd', 'Parrs Cross Rd'])[1 + pg_temp.draw(n - (n % 250 = 0)::int, 44, 11)] AS street,
         pg_temp.order_time(n, orders) AS made
  FROM (SELECT pg_temp.orders() AS orders, pg_temp.users() AS users OFFSET 0) AS given, LATERAL generate_series(1, orders) AS n
) AS entry;

INSERT INTO work_order_notes (id, work_order_id, note, created_by, "createdAt", "updatedAt")
SELECT n + n / 53, pg_temp.order_key(about),
       CASE pg_temp.draw(n, 60, 500)
         WHEN 0 THEN (SELECT string_agg(md5(n || '-' || line), ' ') FROM generate_series(1, 140 + n % 60) AS line)
         WHEN 1 THEN 'Ngā mihi 🙂 – all fixed, ka pai!'
         ELSE (ARRAY['Left a message.', 'left a message', 'Contractor booked for Tuesday, two hours.', 'No answer at the door; card left.',
                     'Part ordered (3 weeks).', 'Owner approved the quote by phone, see e-mail of the same day.', 'Done.', '-'])[1 + pg_temp.draw(n, 61, 8)]
       END,
       CASE WHEN pg_temp.draw(n, 62, 30) > 0 THEN pg_temp.staff_key(n, 63, users) END,
       written, written
FROM (
  SELECT n, orders, users, about, pg_temp.order_time(about, orders) + make_interval(secs => pg_temp.draw(n, 65, 600000)) AS written
  FROM (SELECT pg_temp.orders() AS orders, pg_temp.users() AS users OFFSET 0) AS given,
       LATERAL generate_series(1, orders * 3 / 2) AS n, LATERAL (SELECT 1 + pg_temp.draw(n, 64, orders) AS about OFFSET 0) AS picked
) AS entry;

-- Each order's way to the status it has: none for a pending one, two steps for a completed one.
INSERT INTO status_updates (id, work_order_id, previous_status, new_status, notes, updated_by, "createdAt")
SELECT n * 2 + step - 2, pg_temp.order_key(n), was, becomes,
       CASE pg_temp.draw(n, 70 + step, 8) WHEN 0 THEN '' WHEN 1 THEN 'by phone' END,
       pg_temp.staff_key(n, 73, users),
       pg_temp.order_time(n, orders) + make_interval(secs => 3600 * step + pg_temp.draw(n, 74, 3000))
FROM (
  SELECT n, orders, users, coalesce(pg_temp.order_status(n, orders), 'completed') AS status
  FROM (SELECT pg_temp.orders() AS orders, pg_temp.users() AS users OFFSET 0) AS given, LATERAL generate_series(1, orders) AS n
  OFFSET 0
) AS entry
JOIN (VALUES ('in-progress', 1, 'pending', 'in-progress'), ('completed', 1, 'pending', 'in-progress'),
             ('completed', 2, 'in-progress', 'completed'), ('cancelled', 1, 'pending', 'cancelled'))
     AS way (status, step, was, becomes) USING (status);

INSERT INTO photos (id, work_order_id, file_path, description, uploaded_by, "createdAt")
SELECT n, pg_temp.order_key(about), '/uploads/' || pg_temp.order_key(about) || '/IMG_' || lpad(n::text, 7, '0') || '.jpg',
       (ARRAY['before', 'After', '', NULL])[1 + pg_temp.draw(n, 80, 4)],
       CASE WHEN pg_temp.draw(n, 81, 9) > 0 THEN pg_temp.staff_key(n, 82, users) END,
       pg_temp.order_time(about, orders) + make_interval(secs => pg_temp.draw(n, 84, 400000))
FROM (SELECT pg_temp.orders() AS orders, pg_temp.users() AS users OFFSET 0) AS given,
     LATERAL generate_series(1, orders / 2) AS n, LATERAL (SELECT 1 + pg_temp.draw(n, 83, orders) AS about OFFSET 0) AS picked;

INSERT INTO notifications (id, user_id, work_order_id, type, title, message, is_read, "createdAt")
SELECT n, pg_temp.user_key(1 + pg_temp.draw_low(n, 90, users)),
       CASE WHEN pg_temp.draw(n, 91, 25) > 0 THEN pg_temp.order_key(about) END,
       (ARRAY['status_change', 'new_note', 'new_work_order'])[1 + pg_temp.draw(n, 92, 3)],
       'Work order ' || pg_temp.order_key(about),
       (ARRAY['The status has changed.', 'A note was added – see the order.', NULL])[1 + pg_temp.draw(n, 92, 3)],
       pg_temp.draw(n, 93, 3) > 0,
       pg_temp.order_time(about, orders) + make_interval(secs => pg_temp.draw(n, 95, 400000))
FROM (SELECT pg_temp.orders() AS orders, pg_temp.users() AS users OFFSET 0) AS given,
     LATERAL generate_series(1, orders * 3 / 10) AS n, LATERAL (SELECT 1 + pg_temp.draw(n, 94, orders) AS about OFFSET 0) AS picked;

INSERT INTO sms_notifications (id, work_order_id, user_id, phone_number, message, delivery_status, sent_at, "createdAt")
SELECT n, pg_temp.order_key(about), CASE WHEN n % 9 > 0 THEN pg_temp.user_key(1 + pg_temp.draw_low(n, 100, users)) END,
       '+6421555' || lpad((n % 10000)::text, 4, '0'), 'VisionWest: work order ' || pg_temp.order_key(about) || ' has news.',
       (ARRAY['delivered', 'delivered', 'delivered', 'failed', 'queued'])[1 + pg_temp.draw(n, 101, 5)],
       CASE WHEN pg_temp.draw(n, 101, 5) < 4 THEN pg_temp.order_time(about, orders) + make_interval(secs => 60) END,
       pg_temp.order_time(about, orders)
FROM (SELECT pg_temp.orders() AS orders, pg_temp.users() AS users OFFSET 0) AS given,
     LATERAL generate_series(1, orders / 10) AS n, LATERAL (SELECT 1 + pg_temp.draw(n, 102, orders) AS about OFFSET 0) AS picked;

SELECT setval('users_id_seq', (SELECT max(id) FROM users)),
       setval('work_orders_id_seq', (SELECT max(id) FROM work_orders)),
       setval('work_order_notes_id_seq', (SELECT max(id) FROM work_order_notes)),
       setval('status_updates_id_seq', (SELECT max(id) FROM status_updates)),
       setval('photos_id_seq', (SELECT max(id) FROM photos)),
       setval('notifications_id_seq', (SELECT max(id) FROM notifications)),
       setval('sms_notifications_id_seq', (SELECT max(id) FROM sms_notifications));

DROP FUNCTION pg_temp.staff_key(bigint, int, int), pg_temp.order_status(int, int), pg_temp.order_time(int, int),
  pg_temp.users(), pg_temp.orders(), pg_temp.user_key(int), pg_temp.order_key(int), pg_temp.draw_low(bigint, int, int),
  pg_temp.draw(bigint, int, int);
