== add-check fires
ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0);
== add-check fires
ALTER TABLE users ADD CHECK (age > 0), ADD COLUMN b int;
== add-check quiet
ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID;
== add-check quiet
CREATE TABLE fresh (a int);
ALTER TABLE fresh ADD CHECK (a > 0);

== add-foreign-key fires
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customers (id);
== add-foreign-key fires
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE RESTRICT;
== add-foreign-key quiet
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
== add-foreign-key quiet
CREATE TABLE fresh (a int);
ALTER TABLE fresh ADD FOREIGN KEY (a) REFERENCES customers;

== validate-in-same-transaction fires
BEGIN;
ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT c;
COMMIT;
== validate-in-same-transaction fires tx
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT f;
== validate-in-same-transaction quiet
ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT c;
== validate-in-same-transaction quiet
BEGIN;
ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID;
COMMIT;
ALTER TABLE users VALIDATE CONSTRAINT c;

== add-unique fires
ALTER TABLE users ADD CONSTRAINT once UNIQUE (email);
== add-unique fires
ALTER TABLE users ADD UNIQUE (email, name), ADD COLUMN b int;
== add-unique fires
CREATE TABLE t (a int);
CREATE UNIQUE INDEX i ON t (a);
--- with database
ALTER TABLE t ADD PRIMARY KEY USING INDEX i;
== add-unique quiet
CREATE UNIQUE INDEX CONCURRENTLY once ON users (email);
CREATE TABLE t (a bigint, FOREIGN KEY (a) REFERENCES customers (id));
== add-unique quiet
CREATE TABLE fresh (a int);
ALTER TABLE fresh ADD UNIQUE (a);

== add-exclusion fires
ALTER TABLE orders ADD CONSTRAINT e EXCLUDE USING gist (tstzrange(created_at, deleted_at) WITH &&);
== add-exclusion fires
ALTER TABLE orders ADD EXCLUDE (code WITH =);
== add-exclusion quiet
CREATE TABLE fresh (a int, EXCLUDE (a WITH =));
== add-exclusion quiet
ALTER TABLE orders ADD CONSTRAINT exclude CHECK (code > 0) NOT VALID;

== not-null-joined fires
ALTER TABLE users ADD CONSTRAINT c CHECK (email IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT c, ALTER email SET NOT NULL;
== not-null-joined fires
ALTER TABLE users ALTER email SET NOT NULL, DROP CONSTRAINT c;
== not-null-joined quiet
ALTER TABLE users ALTER email SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT c;
== not-null-joined quiet
ALTER TABLE users ALTER email SET NOT NULL, ALTER name DROP NOT NULL;

== drop-constraint-locks-both fires
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (a_id int, CONSTRAINT f FOREIGN KEY (a_id) REFERENCES a);
--- with database
ALTER TABLE b DROP CONSTRAINT f;
== drop-constraint-locks-both fires
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (a_id int REFERENCES a);
--- with database
ALTER TABLE b DROP CONSTRAINT IF EXISTS b_a_id_fkey;
== drop-constraint-locks-both quiet
CREATE TABLE a (id int PRIMARY KEY, CONSTRAINT c CHECK (id > 0));
--- with database
ALTER TABLE a DROP CONSTRAINT c;
== drop-constraint-locks-both quiet
ALTER TABLE users DROP CONSTRAINT c;

== check-with-subquery fires
ALTER TABLE users ADD CONSTRAINT c CHECK (age > (SELECT 1)) NOT VALID;
== check-with-subquery fires
CREATE TABLE t (a int, CHECK (EXISTS (SELECT 1 FROM users WHERE users.id = a)));
== check-with-subquery quiet
CREATE TABLE t (a int, CHECK (a IN (1, 2, 3)));
== check-with-subquery quiet
ALTER TABLE users ADD CONSTRAINT c CHECK (name = ANY (ARRAY['a', 'b'])) NOT VALID;

== foreign-key-on-partitioned-table fires
CREATE TABLE events (id bigint, user_id int) PARTITION BY RANGE (id);
CREATE TABLE users (id int PRIMARY KEY);
--- with database
ALTER TABLE events ADD FOREIGN KEY (user_id) REFERENCES users;
== foreign-key-on-partitioned-table fires
CREATE TABLE events (id bigint, user_id int) PARTITION BY RANGE (id);
CREATE TABLE users (id int PRIMARY KEY);
--- with database
ALTER TABLE events ADD FOREIGN KEY (user_id) REFERENCES users NOT VALID;
== foreign-key-on-partitioned-table quiet
CREATE TABLE events (id bigint, user_id int);
CREATE TABLE users (id int PRIMARY KEY);
--- with database
ALTER TABLE events ADD FOREIGN KEY (user_id) REFERENCES users NOT VALID;
== foreign-key-on-partitioned-table quiet
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;

== foreign-key-without-index fires
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (a_id int REFERENCES a);
== foreign-key-without-index fires
ALTER TABLE orders ADD COLUMN user_id bigint;
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users NOT VALID;
== foreign-key-without-index quiet
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (a_id int REFERENCES a);
CREATE INDEX b_a_id ON b (a_id);
== foreign-key-without-index quiet
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (a_id int REFERENCES a, x int, PRIMARY KEY (a_id, x));

== foreign-key-type-mismatch fires
CREATE TABLE a (id uuid PRIMARY KEY);
CREATE TABLE b (a_id bigint REFERENCES a);
== foreign-key-type-mismatch fires
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (a_id int REFERENCES a (id));
== foreign-key-type-mismatch quiet
CREATE TABLE a (id bigserial PRIMARY KEY);
CREATE TABLE b (a_id bigint REFERENCES a);
== foreign-key-type-mismatch quiet
CREATE TABLE b (a_id bigint REFERENCES users);

== several-foreign-keys fires
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID, ADD FOREIGN KEY (code) REFERENCES users NOT VALID;
== several-foreign-keys fires
ALTER TABLE orders ADD COLUMN a bigint REFERENCES customers, ADD COLUMN b bigint REFERENCES users;
== several-foreign-keys quiet
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
== several-foreign-keys quiet
CREATE TABLE t (a bigint REFERENCES customers, b bigint REFERENCES users);

== create-table-references fires
CREATE TABLE t (a bigint REFERENCES customers);
== create-table-references fires
ALTER TABLE users ADD CONSTRAINT once UNIQUE USING INDEX once;
== create-table-references quiet
CREATE TABLE c (id bigint PRIMARY KEY);
CREATE TABLE t (a bigint REFERENCES c);
== create-table-references quiet
CREATE TABLE t (id bigint PRIMARY KEY, parent bigint REFERENCES t);

== second-foreign-key fires
CREATE TABLE a (id int PRIMARY KEY);
ALTER TABLE b ADD COLUMN one int REFERENCES a;
ALTER TABLE b ADD COLUMN two int REFERENCES a;
== second-foreign-key fires
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (one int REFERENCES a, two int);
--- with database
ALTER TABLE b ADD CONSTRAINT f FOREIGN KEY (two) REFERENCES a NOT VALID;
== second-foreign-key quiet
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY);
CREATE TABLE b (one int REFERENCES a);
ALTER TABLE b ADD COLUMN two int REFERENCES c;
== second-foreign-key quiet
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (one int);
ALTER TABLE b ADD FOREIGN KEY (one) REFERENCES a;

== foreign-key-cascade fires
CREATE TABLE t (a bigint REFERENCES customers ON DELETE CASCADE);
== foreign-key-cascade fires
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE NOT VALID;
== foreign-key-cascade quiet
CREATE TABLE t (a bigint REFERENCES customers ON DELETE RESTRICT);
== foreign-key-cascade quiet
CREATE TABLE t (a bigint REFERENCES customers ON UPDATE CASCADE);
