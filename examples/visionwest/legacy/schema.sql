-- The work-order system before the migration: one customer, "Visionwest", and nothing in it that says so.
--
-- Load in this order: schema.sql, generate.sql (or your own rows), constraints.sql. Keys, foreign keys, indexes and
-- triggers stand in constraints.sql, because a table is filled several times faster without them. Any client can run the
-- files: plain SQL, no meta-commands.
--
-- What an application of this kind really has, and what a plan written from memory forgets:
--   * work_orders.client_id exists already and points at *users* (the client's user who asked for the work);
--   * users.email and work_orders.job_no are unique over the whole table;
--   * "createdAt" and "updatedAt" are camelCase, and triggers keep "updatedAt";
--   * the application connects as a role that owns nothing and was granted table by table.

DO $$
BEGIN
  CREATE ROLE visionwest_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END
$$;

CREATE TYPE enum_users_role AS ENUM ('client', 'client_admin', 'staff', 'admin');

CREATE TABLE users (
  id serial NOT NULL,
  username varchar(255) NOT NULL,
  email varchar(255),
  password varchar(255) NOT NULL,
  role enum_users_role NOT NULL DEFAULT 'client',
  full_name varchar(255) NOT NULL,
  phone_number varchar(50),
  organization varchar(255) DEFAULT 'VisionWest Community Trust',
  is_active boolean NOT NULL DEFAULT true,
  account_manager_id integer,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE work_orders (
  id serial NOT NULL,
  job_no varchar(50),
  date date NOT NULL DEFAULT CURRENT_DATE,
  status varchar(20) NOT NULL DEFAULT 'pending',
  priority varchar(10) NOT NULL DEFAULT 'normal',
  work_order_type varchar(50),
  property_name varchar(255) NOT NULL,
  property_address text,
  property_phone varchar(50),
  description text NOT NULL,
  supplier_name varchar(255) NOT NULL,
  supplier_phone varchar(50),
  supplier_email varchar(255),
  po_number varchar(50),
  authorized_by varchar(255),
  authorized_contact varchar(50),
  authorized_email varchar(255),
  client_id integer,
  created_by integer,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT work_orders_status_check CHECK (status IN ('pending', 'in-progress', 'completed', 'cancelled')),
  CONSTRAINT work_orders_priority_check CHECK (priority IN ('low', 'normal', 'high', 'urgent'))
);

CREATE TABLE work_order_notes (
  id serial NOT NULL,
  work_order_id integer NOT NULL,
  note text NOT NULL,
  created_by integer,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE status_updates (
  id serial NOT NULL,
  work_order_id integer NOT NULL,
  previous_status varchar(20),
  new_status varchar(20) NOT NULL,
  notes text,
  updated_by integer,
  "createdAt" timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE photos (
  id serial NOT NULL,
  work_order_id integer NOT NULL,
  file_path varchar(255) NOT NULL,
  description text,
  uploaded_by integer,
  "createdAt" timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE notifications (
  id serial NOT NULL,
  user_id integer NOT NULL,
  work_order_id integer,
  type varchar(50) NOT NULL,
  title varchar(255) NOT NULL,
  message text,
  is_read boolean NOT NULL DEFAULT false,
  "createdAt" timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sms_notifications (
  id serial NOT NULL,
  work_order_id integer,
  user_id integer,
  phone_number varchar(50) NOT NULL,
  message varchar(480) NOT NULL,
  delivery_status varchar(20) NOT NULL DEFAULT 'queued',
  sent_at timestamptz,
  "createdAt" timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION touch_updated_at() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW."updatedAt" := now();
  RETURN NEW;
END
$$;

CREATE VIEW open_work_orders AS
SELECT w.id, w.job_no, w.date, w.status, w.priority, w.property_name, w.supplier_name, u.full_name AS entered_by
FROM work_orders w
LEFT JOIN users u ON u.id = w.created_by
WHERE w.status IN ('pending', 'in-progress');

CREATE VIEW work_order_status_counts AS
SELECT status, count(*) AS orders, min(date) AS oldest, max(date) AS newest
FROM work_orders
GROUP BY status;

COMMENT ON TABLE users IS 'Everybody who can log in: the customer''s people and the office.';
COMMENT ON COLUMN users.account_manager_id IS 'The staff member who looks after this user.';
COMMENT ON COLUMN users.organization IS 'Free text; never used for access.';
COMMENT ON TABLE work_orders IS 'One job at one property.';
COMMENT ON COLUMN work_orders.client_id IS 'The user who asked for the work (users.id).';
COMMENT ON COLUMN work_orders.job_no IS 'The number on the paper; drafts have none.';
COMMENT ON VIEW open_work_orders IS 'Start page of the office.';

GRANT USAGE ON SCHEMA public TO visionwest_app;
GRANT SELECT, INSERT, UPDATE, DELETE
  ON users, work_orders, work_order_notes, status_updates, photos, notifications, sms_notifications TO visionwest_app;
GRANT SELECT ON open_work_orders, work_order_status_counts TO visionwest_app;
GRANT USAGE, SELECT
  ON SEQUENCE users_id_seq, work_orders_id_seq, work_order_notes_id_seq, status_updates_id_seq, photos_id_seq,
     notifications_id_seq, sms_notifications_id_seq TO visionwest_app;
