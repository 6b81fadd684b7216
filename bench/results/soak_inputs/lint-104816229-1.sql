== column-exists fires
CREATE TABLE users (id int, client_id int);
ALTER TABLE users ADD COLUMN client_id bigint;
== column-exists fires
CREATE TABLE users (id int PRIMARY KEY);
CREATE TABLE orders (id int, client_id int REFERENCES users);
CREATE TABLE clients (id int PRIMARY KEY);
--- with database
ALTER TABLE orders ADD COLUMN IF NOT EXISTS client_id int REFERENCES clients;
== column-exists fires
CREATE TABLE orders (id int, stage text);
CREATE TYPE stages AS ENUM ('a');
--- with database
ALTER TABLE orders ADD COLUMN IF NOT EXISTS stage stages;
== column-exists quiet
CREATE TABLE orders (id int, stage text);
--- with database
ALTER TABLE orders ADD COLUMN IF NOT EXISTS stage text;
== column-exists quiet
CREATE TABLE orders (id int);
ALTER TABLE orders ADD COLUMN stage text;

== relation-exists fires
CREATE TABLE t (id int);
CREATE TABLE t (id int);
== relation-exists fires
CREATE TABLE t (id int, name text);
--- with database
CREATE TABLE IF NOT EXISTS t (id int, name varchar(10));
== relation-exists quiet
CREATE TABLE t (id int);
--- with database
CREATE TABLE IF NOT EXISTS t (id int);
== relation-exists quiet
CREATE TABLE t (id int);
DROP TABLE t;
CREATE TABLE t (id int);

== type-exists fires
CREATE TYPE mood AS ENUM ('a');
CREATE TYPE mood AS ENUM ('a', 'b');
== type-exists fires
CREATE TYPE mood AS ENUM ('a');
--- with database
CREATE TYPE mood AS ENUM ('b');
== type-exists quiet
CREATE TYPE mood AS ENUM ('a');
DROP TYPE mood;
CREATE TYPE mood AS ENUM ('b');
== type-exists quiet
CREATE TYPE mood AS ENUM ('a');
CREATE TYPE moods AS ENUM ('a');

== index-exists fires
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t (a);
CREATE INDEX i ON t (b);
== index-exists fires
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t (a);
--- with database
CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (b);
== index-exists quiet
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t (a);
--- with database
CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);
== index-exists quiet
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t (a);
CREATE INDEX j ON t (b);

== constraint-exists fires
ALTER TABLE projects ADD COLUMN customer_id bigint REFERENCES organizations (id);
ALTER TABLE projects ADD CONSTRAINT projects_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES organizations (id);
== constraint-exists fires
CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0));
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1);
== constraint-exists quiet
ALTER TABLE projects ADD COLUMN customer_id bigint;
ALTER TABLE projects ADD CONSTRAINT projects_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES organizations (id);
== constraint-exists quiet
CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0));
ALTER TABLE t DROP CONSTRAINT c;
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1);

== trigger-or-policy-exists fires
CREATE TRIGGER g BEFORE UPDATE ON users FOR EA*/CH ROW EXECUTE FUNCTION f();
CREATE TRIGGER g BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f();
== trigger-or-policy-exists fires
CREATE TABLE t (id int);
CREATE POLICY p ON t USING (id > 0);
--- with database
CREATE POLICY p ON t USING (id > 1);
== trigger-or-policy-exists quiet
CREATE TRIGGER g BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER g BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION f();
== trigger-or-policy-exists quiet
CREATE TRIGGER g BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f();
DROP TRIGGER g ON users;
CREATE TRIGGER g BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f();

== if-not-exists-concurrently fires
CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (email);
== if-not-exists-concurrently fires
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON users (lower(email));
== if-not-exists-concurrently quiet
CREATE INDEX CONCURRENTLY i ON users (email);
== if-not-exists-concurrently quiet
CREATE INDEX IF NOT EXISTS i ON users (email);

== unknown-column fires
CREATE TABLE t (id int);
ALTER TABLE t ALTER COLUMN email SET NOT NULL;
== unknown-column fires
CREATE TABLE t (id int, email text);
--- with database
SELECT t.mail FROM t WHERE t.id = 1;
== unknown-column fires
CREATE TABLE organizations (id uuid PRIMARY KEY);
--- with database
CREATE TABLE products (id int, organization_id uuid REFERENCES organizations (organization_id));
== unknown-column quiet
CREATE TABLE t (id int);
ALTER TABLE t ADD COLUMN email text, ALTER COLUMN email SET NOT NULL;
== unknown-column quiet
CREATE TABLE t (id int, email text);
--- with database
SELECT a.email AS mail FROM t a ORDER BY mail;

== unknown-table fires
SELECT 1;
--- with database
ALTER TABLE nowhere ADD COLUMN a int;
== unknown-table fires
CREATE TABLE orders (id int);
--- with database
CREATE INDEX CONCURRENTLY i ON order_items (id);
== unknown-table quiet
CREATE TABLE orders (id int);
--- with database
CREATE TABLE fresh (id int);
CREATE INDEX i ON fresh (id);
== unknown-table quiet
ALTER TABLE nowhere ADD COLUMN a int;

== name-too-long fires
CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (id int);
== name-too-long fires
CREATE INDEX CONCURRENTLY "idx_a_very_long_name_that_somebody_generated_from_all_of_its_columns" ON users (email);
== name-too-long quiet
CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (id int);
== name-too-long quiet
SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
