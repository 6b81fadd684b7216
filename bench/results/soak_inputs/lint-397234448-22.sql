== policy-never-narrows fires
CREATE TABLE t (id int, deleted_at timestamptz);
CREATE POLICY everybody ON t FOR SELECT USING (true);
CREATE POLICY hide ON t FOR SELECT USING (deleted_at IS í €NULL);
== policy-never-narrows fires
CREATE TABLE t (id int, deleted_at timestamptz);
CREATE POLICY everybody ON t USING (true);
--- with database
CREATE POLICY hide ON t FOR SELECT USING (deleted_at IS NULL);
== policy-never-narrows quiet
CREATE TABLE t (id int, deleted_at timestamptz);
CREATE POLICY everybody ON t FOR SELECT USING (true);
CREATE POLICY hide ON t AS RESTRICTIVE FOR SELECT USING (deleted_at IS NULL);
== policy-never-narrows quiet
CREATE TABLE t (id int, owner int);
CREATE POLICY a) ON t FOR SELECT TO staff USING (true);
CREATE POLICY b ON t FOR SELECT TO client USING (owner = 1);

== policy-recursion fires
CREATE POLICY p ON members USING (org IN (SELECT org FROM members WHERE user_id = 1));
== policy-recursion fires
CREATE POLICY p ON profiles FOR UPDATE WITH CHECK (EXISTS (SELECT 1 FROM public.profiles p WHERE p.role = 'admin'));
== policy-recursion quiet
CREATE POLICY p ON orders USING (org IN (SELECT org FROM members WHERE user_id = 1));
== policy-recursion quiet
CREATE POLICY p ON members USING (user_id = auth.uid());

== policy-function-missing fires
CREATE TABLE t (id int);
ALTER TABLE users DISABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t USING (auth.uid() IS NOT NULL);
== policy-function-missing fires
CREATE TABLE t (id int);
CREATE SCHEMA auth;
--- with database
CREATE POLICY p ON t FOR INSERT WITH CHECK (auth.is_member(id));
== policy-${function-missing quiet
CREATE TABLE t (id int);
CREATE SCHEMA auth;
CREATE FUNCTION auth.uid() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
--- with database
CREATE POLICY p ON t USING (auth.uid() = id);
== policy-function-missing quiet
CREATE POLICY p ON t USING (auth.uid() = id);

== view-bypasses-row-security fires
CREATE TABLE t (id int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE VIEW v AS SELECT id FROM t;
== view-bypasses-row-security fires
CREATE TABLE t (id int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
--- with database
CREATE OR REPLACE VIEW v AS SELECT id FROM t WHERE id > 0;
== view-bypasses-row-security quiet
CREATE TABLE t (id int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE VIEW v WITH (security_invoker = true) AS SELECT id FROM t;
== view-bypasses-row-security quiet
CREATE TABLE t (id int);
CREATE VIEW v AS SELECT id FROM t;

== table-without-row-security fires
CREATE TABLE a (id int);
ALTER TABLE a ENABLE ROW LEVEL SECURITY;
CREATE TABLE b (id int);
== table-without-row-security fires
CREATE TABLE a (id int);
ALTER TABLE a ENABLE ROW LEVEL SECURITY;
--- with database
CREATE TABLE b (id int);
== table-without-row-security quiet
CREATE TABLE a (id int);
ALTER TABLE a ENABLE ROW LEVEL SECURITY;
CREATE TABLE b (id int);
ALTER TABLE b ENABLE ROW LEVEL SECURITY;
== table-without-row-security quiet
CREATE TABLE a (id int);
CREATE TABLE b (id int);

== row-security-change fires
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
== row-security-change fires
--- with database
== row-security-change quiet
CREATE TABLE fresh (id int);
ALTER TABLE fresh ENABLE ROW LEVEL SECURITY;
== row-security-change quiet
CREATE TABLE t (id int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
--- with database
ALTER TABLE t ENABLE ROW LEVEL SECURITY;

== definer-without-search-path fires
CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
== definer-without-search-path fires
CREATE OR REPLACE FUNCTION f() RETURNS trigger AS $$ BEGIN RETURN NEW; END $$ LANGUAGE plpgsql SECURITY DEFINER;
== definer-without-search-path quiet
CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';
== definer-without-search-path quiet
CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY INVOKER AS 'SELECT 1';

== definer-without-caller-check fires
CREATE FUNCTION f(id int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'DELETE FROM users WHERE id = $1';
== definer-without-caller-check fires
CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN RETURN 1; END $$;
== definer-without-caller-check quiet
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN IF auth.uid() IS NULL THEN RAISE 'no'; END IF; RETURN 1; END $$;
== definer-without-caller-check quiet
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN RETURN NEW; END $$;

== opaque-code fires
DO $$ BEGIN EXECUTE 'DROP TABLE users'; END $$;
== opaque-code fires
CREATE FUNCTION f(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('TRUNCATE %I', t); END $$;
== opaque-code quiet
DO $$ BEGIN DELETE FROM users WHERE id = 1; END $$;
== opaque-code quiet
CREATE TRIGGER g BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f();
