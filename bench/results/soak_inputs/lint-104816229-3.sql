-- What the lock probe runs on: every table has rows, so that a scannull shows.
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, email text);
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer_id bigint CONSTRAINT orders_customer REFERENCES customers (id),
  plain_id bigint,
  total numeric(10, 2),
  status varchar(20),
  code integer,
  flag integer CONSTRAINT flag_check CHECK (flag > 0),
  label varchar(20) CONSTRAINT label_check CHECK (label <> ''),
  proven integer CONSTRAINT proven_check CHECK (proven IS NOT NULL),
  required integer NOT NULL,
  at timestamp,
  created_at timestamptz DEFAULT now()
);
CREATE INDEX orders_status ON orders (status);
CREATE UNIQUE INDEX orders_code ON orders (code);
CREATE UNIQUE INDEX orders_required ON orders (required);
CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 (id bigint, at date NOT NULL);
CREATE TABLE others (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE others_2024 PARTITION OF others FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE others_rest PARTITION OF others DEFAULT;
CREATE TABLE parents (id bigint, note text);
CREATE TABLE children (id bigint, note text);
CREATE DOMAIN anything AS integer;
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN loose AS integer;
CREATE TABLE prices (id bigint PRIMARY KEY, amount loose);
CREATE MATERIALIZED VIEW totals AS SELECT id, total FROM orders;
CREATE UNIQUE INDEX totals_id ON totals (id);
CREATE VIEW order_ids AS SELECT id FROM orders;
CREATE SEQUENCE numbers;
CREATE SCHEMA attic;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION steady() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION dice() RETURNS integer LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 1; END';
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY see ON orders USING (true);
CREATE TABLE counted (id integer GENERATED ALWAYS AS IDENTITY, n integer NOT NULL);

CREATE TABLE doubled (id bigint, twice bigint GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO doubled SELECT i FROM generate_series(1, 20) i;
INSERT INTO customers SELECT i, 'c', 'e' FROM generate_series(1, 20) i;
INSERT INTO orders SELECT i, i % 20 + 1, i % 20 + 1, 1, 's', i, 1, 'l', 1, i, now(), now() FROM generate_series(1, 100) i;
INSERT INTO events SELECT i, '2024-06-01' FROM generate_series(1, 20) i;
INSERT INTO events_2025 SELECT i, '2025-06-01' FROM generate_series(1, 20) i;
INSERT INTO others SELECT i, '2024-06-01' FROM generate_series(1, 20) i;
INSERT INTO others SELECT i, '2030-06-01' FROM generate_series(1, 20) i;
INSERT INTO parents SELECT i, 'p' FROM generate_series(1, 20) i;
INSERT INTO children SELECT i, 'p' FROM generate_series(1, 20) i;
INSERT INTO prices SELECT i, 1 FROM generate_series(1, 20) i;
INSERT INTO counted (n) SELECT i FROM generate_series(1, 20) i;
REFRESH MATERIALIZED VIEW totals;
ANALYZE;
