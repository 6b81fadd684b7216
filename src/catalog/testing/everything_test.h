// A database that has everything, also what is printed in another spelling after a restore: for PostgreSQL 15 and later
// with contrib. Needs the roles dump_reader, dump_writer and dump_other.
#pragma once

namespace segue::catalog::testing {

constexpr const char* kEverything[] = {
    R"sql(
CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION pg_trgm; CREATE EXTENSION
  postgres_fdw; CREATE EXTENSION btree_gist;
CREATE SCHEMA "Sälés ""x"""; COMMENT ON SCHEMA "Sälés ""x""" IS 'odd';
GRANT USAGE ON SCHEMA "Sälés ""x""" TO dump_reader;
CREATE TYPE status AS ENUM ('new', 'done'); ALTER TYPE status ADD VALUE 'it''s' BEFORE 'done';
CREATE TYPE address AS (street text COLLATE "C", zip varchar(10));
CREATE DOMAIN amount AS numeric(12,2) DEFAULT 0 NOT NULL CHECK (VALUE >= 0) CONSTRAINT not_odd CHECK (VALUE NOT IN
  (1.5, 2.5));
CREATE DOMAIN code AS varchar(8) CHECK (VALUE IN ('a','b')); COMMENT ON CONSTRAINT not_odd ON DOMAIN amount IS
  'why';
CREATE TYPE floatrange AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE COLLATION nd (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE FUNCTION f(a integer, status text DEFAULT 'x', VARIADIC r text[] DEFAULT ARRAY['p','q']) RETURNS text
  LANGUAGE sql STABLE STRICT SECURITY DEFINER COST 7 SET search_path = pg_catalog, pg_temp AS
  'select $1::text || $2';
CREATE FUNCTION g(x int) RETURNS int IMMUTABLE LEAKPROOF PARALLEL SAFE BEGIN ATOMIC SELECT x + 1 WHERE x IN (1,2,3);
  SELECT x + 2; END;
CREATE FUNCTION h(v varchar) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN v IN ('a','b');
CREATE FUNCTION srf() RETURNS TABLE (a int, b text) LANGUAGE plpgsql ROWS 5 AS $$ BEGIN RETURN QUERY SELECT 1, 'x';
  END $$;
CREATE PROCEDURE pr(INOUT a int) LANGUAGE plpgsql AS $$ BEGIN a := a + 1; END $$;
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0', PARALLEL = safe);
CREATE FUNCTION trg() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE FUNCTION evt() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 5), name text NOT NULL, tags
  hstore, mail citext UNIQUE,
  status varchar(20) DEFAULT 'new' CHECK (status IN ('new','done','x')) , age int CHECK (age BETWEEN 0 AND 150),
  code code, PRIMARY KEY (id) INCLUDE (name));
CREATE TABLE orders (id serial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers ON DELETE CASCADE
  DEFERRABLE INITIALLY DEFERRED,
  total amount, vat numeric GENERATED ALWAYS AS (total * 0.2) STORED, st status DEFAULT 'new', at timestamptz
  DEFAULT now(), gone int,
  note text COLLATE "C" DEFAULT 'a''b', addr address, span tstzrange, kind varchar NOT NULL DEFAULT 'k'::varchar, iv
  interval DEFAULT '1 day 02:00', d date DEFAULT '2024-01-02', ar varchar[] DEFAULT ARRAY['a','b'], tf time DEFAULT
  '10:00', jb jsonb DEFAULT '{"a": [1, 2]}', fl float8 DEFAULT 0.1, bi bigint DEFAULT -5, nn numeric DEFAULT -1.50,
  by bytea DEFAULT '\x01', bo boolean DEFAULT (NOT true),
  CONSTRAINT ck1 CHECK (kind IN ('a','b') OR note LIKE 'x%' AND NOT (total > 5 AND total < 10)),
  CONSTRAINT ck2 CHECK (kind = ANY (ARRAY['a'::text,'b'])), CONSTRAINT ck3 CHECK (lower(kind) IN ('a','b')) NO
  INHERIT,
  CONSTRAINT ck4 CHECK (kind NOT IN ('q','r') AND at > '2020-01-01 00:00+00' AND extract(year from at) > 2000 AND
  (addr).zip IS NOT NULL),
  CONSTRAINT ck5 CHECK (CASE kind WHEN 'a' THEN total > 1 ELSE total IN (1,2,3) END), CONSTRAINT ck6 CHECK
  (kind::char(3) IN ('a','b')),
  CONSTRAINT ck7 CHECK (coalesce(note, kind) ~ '^x' OR st IN ('new','done') OR (total, bi) > (1, 2) OR kind SIMILAR
  TO 'a%' OR note IS DISTINCT FROM kind OR substring(note from 1 for 2) = 'ab' OR position('a' in note) > 0 OR
  trim(both 'x' from note) = '' OR at AT TIME ZONE 'UTC' > '2020-01-01' OR -bi > 3 OR - (5) < bi OR kind COLLATE "C"
  > 'a' OR 3 = ANY ('{1,2,3}'::int[])),
  EXCLUDE USING gist (customer_id WITH =, span WITH &&) WHERE (note IS NULL AND kind IN ('a','b')));
ALTER TABLE orders DROP COLUMN gone; ALTER TABLE orders ADD COLUMN late text DEFAULT 'missing';
ALTER TABLE orders ADD CONSTRAINT nv CHECK (id > 0) NOT VALID; COMMENT ON CONSTRAINT nv ON orders IS 'later';
ALTER TABLE orders ALTER note SET STORAGE EXTERNAL, ALTER note SET STATISTICS 500, ALTER note SET COMPRESSION pglz,
  ALTER bi SET (n_distinct = -0.5), ALTER customer_id SET (n_distinct = 5);
ALTER TABLE orders SET (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, REPLICA IDENTITY FULL;
COMMENT ON TABLE orders IS 'the orders'; COMMENT ON COLUMN orders.note IS 'a note';
CREATE INDEX orders_expr ON orders (lower(note) text_pattern_ops DESC NULLS LAST, (total * 2)) INCLUDE (bi) WITH
  (fillfactor = 80) WHERE kind IN ('a', 'b') AND at > '2021-01-01Z';
ALTER INDEX orders_expr ALTER COLUMN 1 SET STATISTICS 77; COMMENT ON INDEX orders_expr IS 'ix';
CREATE UNIQUE INDEX orders_nnd ON orders (note, kind COLLATE "POSIX") NULLS NOT DISTINCT;
CREATE INDEX orders_trgm ON orders USING gin (note gin_trgm_ops, jb jsonb_path_ops);
CREATE INDEX orders_gist ON orders USING gist (note gist_trgm_ops (siglen=32)); ALTER TABLE orders CLUSTER ON
  orders_nnd;
CREATE POLICY "tenant read" ON orders FOR SELECT TO dump_reader, dump_writer USING (kind IN ('a','b') AND
  customer_id IN (SELECT id FROM customers c WHERE c.status IN ('new','x')));
CREATE POLICY p2 ON orders AS RESTRICTIVE FOR ALL USING (true) WITH CHECK (current_user = note OR kind =
  current_setting('app.x', true)); COMMENT ON POLICY p2 ON orders IS 'p';
CREATE TRIGGER t1 AFTER UPDATE OF note, kind ON orders FOR EACH ROW WHEN (old.kind IN ('a','b') AND old.* IS
  DISTINCT FROM new.*) EXECUTE FUNCTION trg('a', 'b''c');
CREATE CONSTRAINT TRIGGER t2 AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION
  trg(); ALTER TABLE orders ENABLE ALWAYS TRIGGER t1; ALTER TABLE orders DISABLE TRIGGER t2; COMMENT ON TRIGGER t1
  ON orders IS 't';
CREATE TRIGGER t3 AFTER UPDATE ON orders REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE
  FUNCTION trg();
CREATE RULE r1 AS ON INSERT TO customers WHERE new.status IN ('q','z') DO ALSO (INSERT INTO orders (customer_id,
  kind) VALUES (new.id, 'a'); UPDATE customers SET age = 3 WHERE status IN ('a','b')); ALTER TABLE customers DISABLE
  RULE r1; COMMENT ON RULE r1 ON customers IS 'r';
CREATE VIEW v1 WITH (security_invoker = true, security_barrier) AS SELECT o.id, o.kind, c.name, CASE WHEN o.kind IN
  ('a','b') THEN 1 ELSE 2 END AS z, 'lit' AS lit, NULL AS nul FROM orders o JOIN customers c ON c.id = o.customer_id
  LEFT JOIN customers c2 USING (status, name) WHERE c.status IN ('new','x') AND o.at > '2020-01-01'::timestamptz AND
  EXISTS (SELECT 1 FROM orders x WHERE x.kind NOT IN ('a','b'));
CREATE VIEW v2 WITH (check_option = cascaded) AS SELECT * FROM customers WHERE status IN ('new','x'); ALTER VIEW v2
  ALTER COLUMN name SET DEFAULT 'nobody'; COMMENT ON VIEW v2 IS 'v'; COMMENT ON COLUMN v2.name IS 'vc';
CREATE VIEW v3 AS WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n, sum(n)
  OVER (PARTITION BY n % 2 ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) s, row_number() OVER w, (SELECT
  max(id) FROM orders) m, ARRAY(SELECT id FROM customers ORDER BY 1) arr, '(1,2)'::address ad, n::varchar || 'x' cc,
  n::text::varchar(3) c3, interval '1 hour' ivl, date '2020-01-01' dd, timestamptz '2020-01-01 12:00+02' tz FROM t
  WINDOW w AS (ORDER BY n);
CREATE VIEW v4 AS SELECT id, count(*) FILTER (WHERE kind IN ('a','b')) AS c, string_agg(kind, ',' ORDER BY kind),
  (array_agg(note))[1] AS first, grouping(id) FROM orders GROUP BY ROLLUP (id) HAVING count(*) > 1 UNION ALL (SELECT
  1, 2, 'x', 'y', 3 LIMIT 5) EXCEPT SELECT 2, 3, 'x'::varchar, NULL, 4 ORDER BY 1 LIMIT 10;
CREATE VIEW v5 AS SELECT s.a, l.x, u.*, j.*, vn, vv FROM srf() s, LATERAL (SELECT s.a + 1 AS x) l,
  unnest(ARRAY[1,2], ARRAY['a','b']) WITH ORDINALITY u(p, q, o), jsonb_to_record('{"k": 1}') AS j(k int), (VALUES
  ('a'::varchar, 1), ('b', 2)) AS vals(vn, vv);
CREATE MATERIALIZED VIEW mv AS SELECT kind, count(*) FROM orders WHERE kind IN ('a','b') GROUP BY kind; CREATE
  UNIQUE INDEX mv_i ON mv (kind);
CREATE MATERIALIZED VIEW mv0 WITH (fillfactor = 50) AS SELECT 1 AS x WITH NO DATA; COMMENT ON MATERIALIZED VIEW mv0
  IS 'mv';
CREATE TABLE part (id bigint, region varchar(10) NOT NULL, at timestamptz NOT NULL, v int DEFAULT 1, PRIMARY KEY
  (id, region, at), FOREIGN KEY (id) REFERENCES customers, CHECK (region IN ('eu','us','x'))) PARTITION BY LIST
  (region);
CREATE TABLE part_eu PARTITION OF part (v DEFAULT 2) FOR VALUES IN ('eu', 'e''u') PARTITION BY RANGE (at);
CREATE TABLE part_eu_24 PARTITION OF part_eu FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'); CREATE TABLE
  part_eu_rest PARTITION OF part_eu DEFAULT;
CREATE TABLE part_us (at timestamptz NOT NULL, v int, region varchar(10) NOT NULL, id bigint NOT NULL, CONSTRAINT
  own CHECK (region = 'us'), CONSTRAINT part_region_check CHECK (region IN ('eu','us','x')), CONSTRAINT own_fk
  FOREIGN KEY (id) REFERENCES customers); CREATE INDEX own_v ON part_us (v);
CREATE INDEX part_v ON part (v); ALTER TABLE part ATTACH PARTITION part_us FOR VALUES IN ('us'); CREATE INDEX
  part_only ON ONLY part (at);
)sql",
    R"sql(
CREATE TRIGGER ptr AFTER INSERT ON part FOR EACH ROW EXECUTE FUNCTION trg(); ALTER TABLE part_us DISABLE TRIGGER
  ptr;
CREATE TABLE refpart (id int PRIMARY KEY, p bigint, r varchar(10), a timestamptz, FOREIGN KEY (p, r, a) REFERENCES
  part);
CREATE TABLE hashp (id int) PARTITION BY HASH (id); CREATE TABLE hashp0 PARTITION OF hashp FOR VALUES WITH (MODULUS
  2, REMAINDER 0);
CREATE TABLE exprp (a text, b varchar) PARTITION BY RANGE (lower(a), (b || 'x'), a COLLATE "C");
CREATE TABLE base (a int NOT NULL, b text CHECK (b IN ('x','y'))); CREATE TABLE base2 (c int); CREATE TABLE child (z
  int, b text, extra int) INHERITS (base, base2); ALTER TABLE child ALTER a SET DEFAULT 5;
CREATE TABLE child2 (b text, a int NOT NULL, CONSTRAINT base_b_check CHECK (b IN ('x','y'))); ALTER TABLE child2
  INHERIT base;
CREATE TABLE typed OF address (PRIMARY KEY (zip), street WITH OPTIONS DEFAULT 'main'); CREATE UNLOGGED TABLE unl (a
  int); CREATE TABLE "Tä""b le" ("Col ""x""" int, "select" text DEFAULT 'ü');
CREATE INDEX "In ON d""ex" ON "Tä""b le" ("Col ""x"""); CREATE POLICY "p on ""q""" ON "Tä""b le" USING ("select" IN
  ('a','b'));
CREATE SEQUENCE sq AS int INCREMENT -2 MINVALUE -100 MAXVALUE 50 START 10 CACHE 5 CYCLE; COMMENT ON SEQUENCE sq IS
  's'; SELECT nextval('sq');
CREATE STATISTICS st1 (dependencies, mcv) ON kind, note, (lower(note)) FROM orders; ALTER STATISTICS st1 SET
  STATISTICS 50; COMMENT ON STATISTICS st1 IS 'x';
GRANT SELECT, INSERT (note, kind) ON orders TO dump_reader; GRANT ALL ON orders TO dump_writer WITH GRANT OPTION;
  SET ROLE dump_writer; GRANT SELECT ON orders TO dump_other; RESET ROLE; REVOKE TRUNCATE ON orders FROM postgres;
  GRANT SELECT (id) ON customers TO PUBLIC;
REVOKE ALL ON FUNCTION f(int, text, text[]) FROM PUBLIC; GRANT EXECUTE ON FUNCTION f(int, text, text[]) TO
  dump_reader; GRANT USAGE ON SEQUENCE sq TO dump_reader; REVOKE USAGE ON TYPE status FROM PUBLIC; GRANT USAGE ON
  DOMAIN amount TO dump_reader;
GRANT EXECUTE ON FUNCTION hstore(text, text) TO dump_reader; REVOKE ALL ON FUNCTION similarity(text, text) FROM
  PUBLIC; GRANT USAGE ON LANGUAGE plpgsql TO dump_reader; REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE dump_writer IN SCHEMA public GRANT SELECT ON TABLES TO dump_reader; ALTER DEFAULT
  PRIVILEGES FOR ROLE dump_writer REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT USAGE ON
  SEQUENCES TO dump_writer WITH GRANT OPTION;
ALTER TABLE unl OWNER TO dump_writer; ALTER FUNCTION g(int) OWNER TO dump_writer; ALTER TYPE address OWNER TO
  dump_writer;
CREATE PUBLICATION pub FOR TABLE orders (id, kind) WHERE (id > 5), customers WITH (publish = 'insert, update',
  publish_via_partition_root); CREATE PUBLICATION puball FOR ALL TABLES; CREATE PUBLICATION pubs FOR TABLES IN
  SCHEMA public; COMMENT ON PUBLICATION pub IS 'pb';
CREATE SUBSCRIPTION sub CONNECTION 'dbname=nowhere password=hush' PUBLICATION pub WITH (connect = false, slot_name =
  NONE);
CREATE EVENT TRIGGER ev ON ddl_command_end WHEN TAG IN ('DROP TABLE', 'CREATE TABLE') EXECUTE FUNCTION evt(); ALTER
  EVENT TRIGGER ev DISABLE;
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq, COMMUTATOR = ===); CREATE CAST (address AS
  text) WITH INOUT AS ASSIGNMENT; CREATE OPERATOR FAMILY fam USING btree; CREATE OPERATOR CLASS opc FOR TYPE status
  USING btree FAMILY fam AS OPERATOR 1 < (anyenum, anyenum), FUNCTION 1 enum_cmp(anyenum, anyenum);
CREATE SERVER srv FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h', dbname 'd'); CREATE USER MAPPING FOR
  dump_reader SERVER srv OPTIONS (user 'u', password 'hush'); CREATE FOREIGN TABLE ft (a int OPTIONS (column_name
  'b'), b text) SERVER srv OPTIONS (table_name 'x'); GRANT USAGE ON FOREIGN SERVER srv TO dump_reader;
CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple, STOPWORDS = english); CREATE TEXT SEARCH CONFIGURATION tsc
  (COPY = english); ALTER TEXT SEARCH CONFIGURATION tsc ALTER MAPPING FOR asciiword WITH dict, simple;
ALTER FUNCTION g(int) DEPENDS ON EXTENSION hstore; CREATE CONVERSION conv FOR 'UTF8' TO 'LATIN1' FROM
  utf8_to_iso8859_1; CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE am2 (a int)
  USING heap2;
CREATE TRANSFORM FOR hstore LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal));
CREATE SCHEMA segue; CREATE TABLE segue.step (a int);
INSERT INTO customers (name, status) VALUES ('a', 'new'), ('b', 'x'); INSERT INTO orders (customer_id, kind, total,
  note, addr, span) SELECT 100, 'a', 3, 'ab' || i, '(s,z)'::address, tstzrange(now() + i * '1 day'::interval, now()
  + i * '1 day'::interval) FROM generate_series(1,3) i; INSERT INTO part VALUES
  (100,'eu','2024-05-05'),(100,'us','2023-01-01');

)sql",
};

}  // namespace segue::catalog::testing
