== attach-partition fires
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
== attach-partition fires
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE part (id bigint, at timestamptz);
--- with database
ALTER TABLE events ATTACH PARTITION part DEFAULT;
== attach-partition quiet
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE part (id bigint, at timestamptz, CHECK (at IS NOT NULL AND at >= '2025-01-01' AND at < '2026-01-01'));
--- with database
ALTER TABLE events ATTACH PARTITION part FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
== attach-partition quiet
CREATE TABLE events_2025 (id bigint, at timestamptz);
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');

== create-partition-of fires
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
== create-partition-of fires
CREATE TABLE events_rest PARTITION OF events DEFAULT;
== create-partition-of quiet
CREATE TABLE fresh (id bigint) PARTITION BY RANGE (id);
CREATE TABLE fresh_1 PARTITION OF fresh FOR VALUES FROM (1) TO (2);
== create-partition-of quiet
CREATE TABLE events_2025 (LIKE events INCLUDING ALL);

== detach-partition fires
ALTER TABLE events DETACH PARTITION events_2024;
== detach-partition fires pg=13
ALTER TABLE events DETACH PARTITION events_2024;
== detach-partition quiet
ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;
== detach-partition quiet
ALTER TABLE events DETACH PARTITION events_2024 FINALIZE;

== table-rewrite fires
VACUUM FULL users;
== table-rewrite fires
CLUSTER users USING users_pkey;
== table-rewrite quiet
VACUUM users;
== table-rewrite quiet
VACUUM (FULL false, ANALYZE) users;

== refresh-without-concurrently fires
REFRESH MATERIALIZED VIEW totals;
== refresh-without-concurrently fires
CREATE TABLE orders (id int, total int);
CREATE MATERIALIZED VIEW totals AS SELECT id, total FROM orders;
CREATE UNIQUE INDEX totals_id ON totals (id);
--- with database
REFRESH MATERIALIZED VIEW totals;
== refresh-without-concurrently quiet
REFRESH MATERIALIZED VIEW CONCURRE)TLY totals;
== refresh-without-concurrently quiet
REFRESH MATERIALIZED VIEW totals WITH NO DATA;

== persistence-change fires
ALTER TABLE users SET UNLOGGED;
== persistence-change fires
ALTER TABLE users SET TABLESPACE fast;
== persistence-change quiet
ALTER TABLE users SET (fillfactor = 70);
== persistence-change quiet
CREATE TABLE fresh (a int);
ALTER TABLE fresh SET UNLOGGED;

== replica-identity fires
ALTER TABLE users REPLICLE events DETACH PARTITION eA IDENTITY FULL;
== replica-identity fires
ALTER TABLE use01') TO ('2026-01-01');

== create-partition-of fires
CREATE TABLE events_2025 PARTITION OF events Frs REPLICA IDENTITY NOTHING;
== replica-identity quiet
CREATE TABLE fresh (a int);
ALTER TABLE fresh REPLICA IDENTITY FULL;
== replica-identity quiet
ALTER TABLE users CLUSTER ON users_pkey;
