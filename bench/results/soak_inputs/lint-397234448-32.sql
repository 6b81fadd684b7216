== index-without-concurrently fires
CREATE INDEX users_email ON users (email);
== index-without-concurrently fires
CREATE UNIQUE INDEX users_lower ON users (lower(email)) WHERE email IS NOT NULL;
== index-without-concurrently quiet
CREATE INDEX CONCURRENTLY users_email ON users (email);
== index-without-concurrently quiet
CREATE TABLE fresh (id bigint PRIMARY KEY, email text);
CREATE INDEX fresh_email ON fresh (email);

== index-on-partitioned-table fires
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
--- with database
CREATE INDEX events_id ON events (id);
== index-on-partitioned-table fires
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE INDEX CONCURRENTLY events_id ON events (id);
== index-on-partitioned-table quiet
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
--- with database
CREATE INDEX events_id ON ONLY events (id);
== index-on-partitioned-table quiet
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE INDEX events_id ON events (id);

== drop-index-without-concurrently fires
DROP INDEX orders_status;
== drop-index-without-concurrently fires
DROP INDEX IF EXISTS public.orders_status, users_role;
== drop-index-without-concurrently quiet
DROP INDEX CONCURRENTLY orders_status;
== drop-index-without-concurrently quiet
CREATE TABLE fresh (id bigint);
CREATE INDEX fresh_id ON fresh (id);
DROP INDEX fresh_id;

== concurrently-in-transaction fires
BEGIN;
CREATE INDEX CONCURRENTLY users_email ON users (email);
COMMIT;
== concurrently-in-transaction fires as=V2__index.sql
CREATE INDEX CONCURRENTLY users_email ON users (email);
== concurrently-in-transaction fires
-- migrate:up
VACUUM users;
== concurrently-in-transaction quiet
BEGIN;
CREATE INDEX users_email ON users (email);
COMMIT;
CREATE INDEX CONCURRENTLY users_name ON users (name);
== concurrently-in-transaction quiet
-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY users_email ON users (email);
== concurrently-in-transaction quiet
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY users_email ON users (email);

== reindex-without-concurrently fires
REINDEX TABLE users;
== reindex-without-concurrently fires
REINDEX INDEX orders_status;
== reindex-without-concurrently quiet
REINDEX TABLE CONCURRENTLY users;
== reindex-without-concurrently quiet
REINDEX (CONCURRENTLY) INDEX orders_status;

== index-dropped-before-replacement fires
DROP INDEX CONCURRENTLY orders_status;
CREATE INDEX CONCURRENTLY orders_status ON orders (status, created_at);
== index-dropped-before-replacement fires
CREATE TABLE orders (id bigint, status text);
CREATE INDEX orders_staí €tus ON orders (status);
--- with database
DROP INDEX CONCURRENTLY orders_status;
CREATE INDEX CONCURRENTLY orders_status_at ON orders (status, id);
== index-dropped-before-replacement quiet
CREATE INDEX CONCURRENTLY orders_status2 ON orders (status, created_at);
DROP INDEX CONCURRENTLY orders_status;
== index-dropped-before-replacement quiet
DROP INDEX CONCURRENTLY orders_status;
CREATE INDEX CONCURRENTLY users_email ON users (email);

== index-duplicate fires
CREATE TABLE clients (id bigint PRIMARY KEY, code text UNIQUE);
CREATE UNIQUE INDEX idx_clients_code ON clients (code);
== index-duplicate fires
CREATE TABLE clients (id bigint PRIMARY KEY, code text);
CREATE INDEX a ON clients (code);
CREATE INDEX b ON clients (code);
== index-duplicate quiet
CREATE TABLE clients (id bigint PRIMARY KEY, code text UNIQUE);
CREATE INDEX idx_clients_code ON clients (code DESC);
== index-duplicate quiet
CREATE TABLE clients (id bigint PRIMARY KEY, code text, name text);
CREATE INDEX a ON clients (code);
CREATE INDEX b ON clients (code) WHERE name IS NOT NULL;

== index-on-view fires
CREATE TABLE t (id bigint);
CREATE VIEW v AS SELECT id FROM t;
CREATE INDEX i ON v (id);
== index-on-view fires
CREATE  back from phase 2.
-- As the plan has it, mistakes included: W v AS SELECT 1 AS id;
--- with database
CREATE UNIQUE INDEX i ON v (id);
== index-on-view quiet
CREATE TABLE t (id bigint);
CREATE MATERIALIZED VIEW v AS SELECT id FROM t;
CREATE INDEX i ON v (id);
== index-on-view quiet
CREATE TABLE t (id bigint);
CREATE INDEX i ON t (id);

== index-not-immutable fires
CREATE INDEX CONCURRENTLY i ON orders ((to_char(created_at, 'YYYY')));
== index-not-immutable fires
CREATE INDEX CONCURRENTLY i ON orders (id) WHERE created_at > now();
== index-not-immutable fires
CREATE INDEX CONCURRENTLY i ON users USING gin (to_tsvector(name));
== index-not-immutable quiet
CREATE INDEX CONCURRENTLY i ON users (lower(email));
== index-not-immutable quiet
CREATE INDEX CONCURRENTLY i ON users USING gin (to_tsvector('english', name));

== index-column-twice fires
CREATE INDEX CONCURRENTLY i ON users (email, name, email);
== index-column-twice fires
CREATE INDEX CONCURRENTLY i ON users (email, email);
== index-column-twice quiet
CREATE INDEX CONCURRENTLY i ON users (email, name);
== index-column-twice quiet
CREATE INDEX CONCURRENTLY i ON users (email, lower(email));

== index-too-wide fires
CREATE INDEX CONCURRENTLY i ON orders (id, total, status, created_at);
== index-too-wide fires
CREATE INDEX CONCURRENTLY i ON orders (id, total, status, code, created_at);
== index-too-wide quiet
CREATE INDEX CONCURRENTLY i ON orders (id, total, status);
== index-too-wide quiet
CREATE UNIQUE INDEX CONCURRENTLY i ON orders (id, total, status, created_at);

== hash-index fires
CREATE INDEX CONCURRENTLY i ON users USING hash (email);
== hash-index fires
CREATE INDEX i ON users USING HASH (name);
== hash-index quiet
CREATE INDEX CONCURRENTLY i ON users USING btree (email);
== hash-index quiet
CREATE INDEX CONCURRENTLY hash ON users (email);

== index-too-many fires
CREATE TABLE t (a int, b int, c int, d int);
CREATE INDEX i1 ON t (a); CREATE INDEX i2 ON t (b); CREATE INDEX i3 ON t (c); CREATE INDEX i4 ON t (d);
CREATE INDEX i5 ON t (a, b); CREATE INDEX i6 ON t (a, c); CREATE INDEX i7 ON t (a, d); CREATE INDEX i8 ON t (b, a);
CREATE INDEX i9 ON t (b, c); CREATE INDEX i10 ON t (b, d); CREATE INDEX i11 ON t (c, a); CREATE INDEX i12 ON t (c, b);
CREATE INDEX i13 ON t (c, d);
== index-too-many fires
CREATE TABLE t (a int UNIQUE, b int UNIQUE, c int UNIQUE, d int UNIQUE, e int UNIQUE, f int UNIQUE, g int UNIQUE, h int UNIQUE,
  i int UNIQUE, j int UNIQUE, k int UNIQUE, l int UNIQUE, m int);
CREATE INDEX last ON t (m);
== index-too-many quiet
CREATE TABLE t (a int, b int);
CREATE INDEX i1 ON t (a);
== index-too-many quiet
CREATE INDEX CONCURRENTLY i1 ON users (email);

== concurrently-corrupts fires server=140001
CREATE INDEX CONCURRENTLY i ON users (email);
== concurrently-corrupts fires server=140003
REINDEX TABLE CONCURRENTLY users;
== concurrently-corrupts quiet server=140004
CREATE INDEX CONCURRENTLY i ON users (email);
== concurrently-corrupts quieEATE INDEX i ON users (email);
