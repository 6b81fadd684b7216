"""The baselines: what people write by hand, as SQL, with what the new column needs in place."""
import subprocess
import time

import data
from house import environment, psql, sql_seconds

CLIENT_IN_PLACE = """
ALTER TABLE work_orders ADD COLUMN client_id integer;
CREATE INDEX work_orders_client_id ON work_orders (client_id);
ALTER TABLE work_orders ADD CONSTRAINT work_orders_client FOREIGN KEY (client_id) REFERENCES clients (id);
"""
SINGLE = f"UPDATE work_orders SET client_id = {data.CLIENT};"

# What no update in place can beat: the table written anew, its indexes built once.
REWRITE = f"""
CREATE TABLE rewritten AS SELECT *, {data.CLIENT} AS client_id FROM work_orders;
ALTER TABLE rewritten ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX ON rewritten (job_no);
CREATE INDEX ON rewritten (status, date DESC);
CREATE INDEX ON rewritten (client_id);
ALTER TABLE rewritten ADD FOREIGN KEY (client_id) REFERENCES clients (id);
"""

# Each batch is the next so many keys, committed by itself.
BY_ID = f"""
CREATE PROCEDURE carry(width integer) LANGUAGE plpgsql AS $$
DECLARE
  carried bigint := 0;
  upto bigint;
BEGIN
  LOOP
    SELECT max(id) INTO upto FROM (SELECT id FROM work_orders WHERE id > carried ORDER BY id LIMIT width) AS batch;
    EXIT WHEN upto IS NULL;
    UPDATE work_orders SET client_id = {data.CLIENT} WHERE id > carried AND id <= upto;
    COMMIT;
    carried := upto;
  END LOOP;
END $$;
"""

# A trigger in plpgsql computes the column; each batch only touches its rows. The statement is planned for each batch, as
# it is where a client sends it.
BY_TOUCH = f"""
ALTER TABLE users ADD COLUMN shown_name text;
CREATE FUNCTION fill_shown_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.shown_name := {data.SHOWN_NAME.replace("name IS", "NEW.name IS").replace("|| id", "|| NEW.id").replace("(name)", "(NEW.name)")};
  RETURN NEW;
END $$;
CREATE TRIGGER fill_shown_name BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION fill_shown_name();
CREATE PROCEDURE carry(width integer) LANGUAGE plpgsql AS $$
DECLARE
  carried integer := 0;
BEGIN
  LOOP
    EXECUTE 'WITH batch AS (SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT $2 FOR NO KEY UPDATE),
      touched AS (UPDATE users SET id = users.id FROM batch WHERE users.id = batch.id RETURNING users.id)
      SELECT max(id) FROM touched' INTO carried USING carried, width;
    EXIT WHEN carried IS NULL;
    COMMIT;
  END LOOP;
END $$;
"""

BY_UUID = f"""
ALTER TABLE items ADD COLUMN gross integer;
CREATE PROCEDURE carry(width integer, after uuid, last uuid) LANGUAGE plpgsql AS $$
DECLARE
  carried uuid := after;
  upto uuid;
BEGIN
  LOOP
    SELECT id INTO upto FROM (SELECT id FROM items WHERE id > carried AND id <= last ORDER BY id LIMIT width) AS batch
    ORDER BY id DESC LIMIT 1;
    EXIT WHEN upto IS NULL;
    UPDATE items SET gross = {data.GROSS} WHERE id > carried AND id <= upto;
    COMMIT;
    carried := upto;
  END LOOP;
END $$;
"""


def with_wal(url, measure):
    """What measure gives, and the bytes of write-ahead log meanwhile."""
    before = psql(url, "SELECT pg_current_wal_lsn()")
    result = measure()
    return result, int(psql(url, f"SELECT pg_current_wal_lsn() - '{before}'::pg_lsn"))


def size(url, table):
    return int(psql(url, f"SELECT pg_total_relation_size('{table}')"))


def timed(url, prepare, sql):
    """Seconds of the statement, after the preparation and a checkpoint, and its write-ahead log."""
    psql(url, f"{prepare}\nCHECKPOINT;")
    return with_wal(url, lambda: sql_seconds(url, sql))


def wall(url, sql):
    """Several statements, in one session."""
    started = time.perf_counter()
    psql(url, sql)
    return time.perf_counter() - started


def uuid_sessions(url, sessions):
    """So many sessions side by side, each on its share of all keys: seconds until the last one has ended."""
    psql(url, f"{BY_UUID}\nCHECKPOINT;")
    bounds = [f"{min(place * 2**128 // sessions, 2**128 - 1):032x}" for place in range(sessions + 1)]
    started = time.perf_counter()
    running = [subprocess.Popen(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-c", f"CALL carry(10000, '{low}', '{high}')", url],
                                env=environment(), stdin=subprocess.DEVNULL)
               for low, high in zip(bounds, bounds[1:])]
    if any([each.wait() for each in running]):
        raise SystemExit("a session of the baseline has failed")
    return time.perf_counter() - started
