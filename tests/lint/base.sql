-- The tables that the cases are about, empty.
CREATE TABLE customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  email text,
  note text
);
CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text,
  email text,
  age integer,
  role varchar(20),
  ref bigint
);
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint,
  total numeric(10, 2),
  status varchar(20),
  code integer,
  created_at timestamptz DEFAULT now(),
  deleted_at timestamptz
);
CREATE INDEX orders_status ON orders (status);
CREATE INDEX users_role ON users (role);
CREATE TABLE events (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE MATERIALIZED VIEW totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id;
CREATE UNIQUE INDEX totals_key ON totals (customer_id);
CREATE DOMAIN positive AS integer;
CREATE TABLE prices (id bigint PRIMARY KEY, amount positive);
