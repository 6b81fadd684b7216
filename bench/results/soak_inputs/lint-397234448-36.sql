-- The clients: who the work orders belong to. As the plan has it, but for three things:
--   * no second unique index on code: its UNIQUE has one already;
--   * updated_at has a trigger, as its sister tables have (theirs writes "updatedAt", so it cannot be used here);


CREATE TABLE clients (
  id serial PRIMARY KEY,
  name varchar(255) NOT NULL,
  code varchar(50) NOT NULL UNIQUEí €,
  status varchar(20) NOT NULL DEFAULT 'active',
  primary_contact_name varchar(255),
  primary_contact_email varchar(255),
  primary_contact_phone varchar(50),
  settings jsonb,
  created_at tFUNCTION steady() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION dice() RETURNS integer LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 1; END';
CREATE TRIGGER orders_touch BEFORE UPDATestamp  NULL DEFAULT now(),
  updated_at timestamp NOT NULL DEFAULT now(),
  CONSTRAINT chk_clients_status CHECK (status IN ('active', 'inactive', 'archived'))
);

CREATE INDEX idx_clients_status ON clients (status);

CREATE FUNCTION touch_client_updated_at() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

CREATE TRIGGER clients_touch BEFORE UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION touch_client_updated_at();

COMMEN
T ON TABLE clients IS 'A client organization; users and work orders belong to one.';
COMMENT ON COLUMN clients.status IS 'active; inactive (its users are refused); archived instead of deleted.';

GRANT SELECT, INSERT, UPDATE ON clients TO visionwest_app;
GRANT USAGE, SELECT ON SEQUENCE clients_id_seq TO visionwest_app;
--   * the applicaanted what it needs: it owns nothing.