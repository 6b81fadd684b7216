"""The way back while rows are still written and tables are still read: nothing lost, it ends, and nobody waits for us."""
import threading
import time

from house import case, expect, expect_equal, wait_until


class Writers:
    """Sessions that write in a loop until they are ended; what the server acknowledged is remembered."""

    def __init__(self, stage, database, count, statement):
        self.ending, self.acknowledged, self.longest = False, [], 0.0
        self.threads = []
        for number in range(count):
            session = stage.session(database.url, "writer")
            self.threads.append(threading.Thread(target=self.go, args=(session, number, statement)))
            self.threads[-1].start()
        stage.at_end(self.end)

    def go(self, session, number, statement):
        n = 0
        while not self.ending:
            n += 1
            started = time.monotonic()
            said = session.ask(statement(f"{number}-{n}"))
            self.longest = max(self.longest, time.monotonic() - started)
            if said.strip() == f"{number}-{n}":
                self.acknowledged.append(said.strip())
            elif "does not exist" in said:
                return  # the shape that it writes is gone

    def end(self):
        self.ending = True
        for thread in self.threads:
            thread.join()


LATE_USER = ("INSERT INTO users (username, email, password, full_name, client_id) SELECT 'late', 'late@example.org', 'x', "
             "'Late', id FROM clients WHERE code = 'LATE'")


@case("way back: a tenant's user written while DROP COLUMN waits for a reader is set aside", fast=True)
def late_user(stage):
    database = stage.database()
    database.up("expand")
    reader = stage.session(database.url, "reader")
    reader.ask("BEGIN; SELECT count(*) FROM users;")
    rollback = database.start("rollback", database.migration, "--yes")
    stopped = wait_until(lambda: "users" in rollback.stderr.readline() or rollback.poll() is not None, "it waits")
    expect(stopped and rollback.poll() is None, "it did not wait for the reader")
    database.sql("INSERT INTO clients (name, code) VALUES ('Late', 'LATE')")
    database.sql(LATE_USER)
    reader.ask("COMMIT;")
    rollback.communicate(timeout=60)
    if rollback.returncode == 3:  # it may ask whether the new application is withdrawn
        database.down()
    kept = database.sql("SELECT row ->> 'username' FROM segue.kept_row WHERE table_name = 'users'")
    there = database.sql("SELECT username FROM users WHERE username = 'late'")
    expect(kept == "late" and not there, f"the user of client LATE lost its client: in the old shape '{there}', set aside "
                                         f"'{kept}'")
    expect_equal(database.sql("SELECT count(*) FROM segue.kept_row WHERE row ->> 'code' = 'LATE'"), "1", "its client")
    database.up()
    expect_equal(database.sql("SELECT c.code FROM users u JOIN clients c ON c.id = u.client_id WHERE username = 'late'"),
                 "LATE", "its client after the next run")


@case("way back: a client written while DROP TABLE waits for a reader is set aside, and nobody queues behind it", fast=True)
def late_client(stage):
    database = stage.database()
    database.up("expand")
    reader = stage.session(database.url, "reader")
    reader.ask("BEGIN; SELECT count(*) FROM clients;")
    rollback = database.start("rollback", database.migration, "--yes")
    wait_until(lambda: database.sql("SELECT count(*) FROM segue.step WHERE state IN ('undone', 'undoing')") >= "2" or
               rollback.poll() is not None, "it comes to the table")
    started = time.monotonic()
    said = database.sql("SET statement_timeout = '3s'; INSERT INTO clients (name, code) VALUES ('Late', 'LATE')", may_fail=True)
    took = time.monotonic() - started
    reader.ask("COMMIT;")
    rollback.communicate(timeout=60)
    if rollback.returncode == 3:
        database.down()
    expect(took < 1 and not said, f"an INSERT into clients waited {took:.1f} s behind us: {said}")
    expect_equal(database.sql("SELECT count(*) FROM segue.kept_row WHERE row ->> 'code' = 'LATE'"), "1",
                 "the client that was acknowledged and is set aside")


@case("way back: every client and user that is written until the shape is gone is set aside")
def storm(stage):
    database = stage.database()
    database.up("validate")
    writers = Writers(stage, database, 3, lambda tag: (
        f"WITH c AS (INSERT INTO clients (name, code) VALUES ('Storm', 'S{tag}') RETURNING id) INSERT INTO users (username, "
        f"email, password, full_name, client_id) SELECT 's{tag}', 's{tag}@example.org', 'x', 'S', id FROM c RETURNING "
        "substr(username, 2);"))
    wait_until(lambda: len(writers.acknowledged) > 50, "the writers write")
    # It may end beside the writers, or stop and ask that the new application is withdrawn; it may not go on for ever.
    answer = database.segue("rollback", database.migration, "--yes", code=None, seconds=60)
    expect(answer.code in (0, 3, 4), f"the rollback ended with {answer.code}: {answer.err[-400:]}")
    writers.end()
    if answer.code:
        database.down()
    kept = set(database.sql("SELECT substr(row ->> 'username', 2) FROM segue.kept_row WHERE table_name = 'users'").split())
    clients = set(database.sql("SELECT substr(row ->> 'code', 2) FROM segue.kept_row WHERE table_name = 'clients'").split())
    lost = [tag for tag in writers.acknowledged if tag not in kept or tag not in clients]
    expect(not lost, f"{len(lost)} of {len(writers.acknowledged)} acknowledged rows are lost, such as {lost[:3]}")
    return f"{len(writers.acknowledged)} acknowledged, all set aside"


@case("way back: to expand it ends while orders come in")
def inserts(stage):
    database = stage.database()
    database.up("backfill")
    writers = Writers(stage, database, 4, lambda tag: (
        "INSERT INTO work_orders (job_no, property_name, description, supplier_name) VALUES "
        f"('{tag}', 'a', 'b', 'c') RETURNING job_no;"))
    wait_until(lambda: len(writers.acknowledged) > 50, "the writers write")
    started = time.monotonic()
    database.segue("rollback", database.migration, "--yes", "--to", "expand", seconds=60)
    took = time.monotonic() - started
    database.segue("rollback", database.migration, "--yes", seconds=60)
    writers.end()
    there = set(database.sql("SELECT job_no FROM work_orders").split("\n"))
    lost = [tag for tag in writers.acknowledged if tag not in there]
    expect(not lost, f"{len(lost)} orders are lost")
    return f"{took:.1f} s to expand, {len(writers.acknowledged)} orders meanwhile"


@case("way back: once it has gone below a boundary it cannot be ended above it", fast=True)
def other_target(stage):
    database = stage.database()
    before = database.fingerprint()
    database.up()
    database.approve("new application withdrawn")
    # The foreign keys to clients cannot go while it is read: the rollback is below enforce then.
    reader = stage.session(database.url, "reader")
    reader.ask("BEGIN; SELECT count(*) FROM clients;")
    rollback = database.start("rollback", database.migration, "--yes")
    wait_until(lambda: "waiting for a lock" in rollback.stderr.readline(), "it waits for the reader")
    rollback.kill()
    rollback.wait()
    reader.ask("COMMIT;")
    answer = database.segue("rollback", database.migration, "--yes", "--to", "enforce", code=2)
    expect("gone below" in answer.err, f"the refusal does not say why: {answer.err}")
    database.segue("run", database.migration, "--without-rehearsal", "--yes", code=2)
    database.down()
    expect_equal(database.fingerprint(), before, "catalog and data in the end")


TENANCY = """migration: small
about: Rows belong to tenants.
moves:
  - sql: CREATE TABLE tenants (id serial PRIMARY KEY, code text UNIQUE NOT NULL);
  - tenancy:
      root: tenants
      first: {{ code: FIRST }}
      column: tenant_id
      tables: [{tables}]
limits: {{ batch: 100, lock_deadline: 5s }}
"""
SECOND = "INSERT INTO tenants (code) VALUES ('SECOND');"
OF_SECOND = "(SELECT id FROM tenants WHERE code = 'SECOND')"


def come_back(stage, schema, tables, rows):
    """Rows of a second tenant are set aside by a rollback, and the next run brings back every one."""
    database = stage.own(schema, TENANCY.format(tables=tables))
    before = database.fingerprint()
    database.up()
    database.sql(f"BEGIN; {SECOND} {rows} COMMIT;")
    grace = database.fingerprint()
    database.down()
    expect_equal(database.fingerprint(), before, "catalog and data after the way back")
    database.up()
    left = database.sql("SELECT table_name, key, state, message FROM segue.kept_row WHERE state <> 'restored'")
    expect_equal(left, "", "rows that did not come back")
    expect_equal(database.fingerprint()["data"], grace["data"], "the data after the next run")


@case("kept rows: those that refer to rows of their own table come back", fast=True)
def own_table(stage):
    come_back(stage, "CREATE TABLE staff (id int PRIMARY KEY, manager_id int REFERENCES staff); INSERT INTO staff VALUES "
                     "(1, NULL), (2, 1);", "staff",
              f"INSERT INTO staff SELECT a, b, {OF_SECOND} FROM (VALUES (13, NULL::int), (12, 13), (11, 12)) v(a, b);")


@case("kept rows: those that refer to each other come back (deferrable keys)")
def deferrable(stage):
    come_back(stage, "CREATE TABLE a (id int PRIMARY KEY, b_id int); CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a "
                     "DEFERRABLE INITIALLY DEFERRED); ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b DEFERRABLE INITIALLY "
                     "DEFERRED;", "a, b",
              f"INSERT INTO a SELECT 11, 12, {OF_SECOND}; INSERT INTO b SELECT 12, 11, {OF_SECOND};")


@case("kept rows: those that refer to each other come back (keys checked at once)")
def immediate(stage):
    come_back(stage, "CREATE TABLE a (id int PRIMARY KEY, b_id int); CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a); "
                     "ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b;", "a, b",
              f"INSERT INTO a SELECT 11, NULL, {OF_SECOND}; INSERT INTO b SELECT 12, 11, {OF_SECOND}; UPDATE a SET b_id = 12;")


@case("kept rows: values of many types come back bit by bit")
def types(stage):
    come_back(stage, """CREATE TYPE mood AS ENUM ('fine', 'not "fine", {really}');
        CREATE DOMAIN money_amount AS numeric(12, 3) CHECK (value > -1e6);
        CREATE TYPE pair AS (a int, b text);
        CREATE TABLE everything (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t text, v varchar(20), c char(5), f float8,
          r real, n numeric, m money_amount, d date, ts timestamp, tz timestamptz, i interval, b bytea, j json, jb jsonb, u uuid,
          ia int[], ta text[], mo mood, p pair, net inet, rg int4range, bits varbit(9), x xml,
          twice text GENERATED ALWAYS AS (t || t) STORED);""", "everything",
              f"""INSERT INTO everything (t, v, c, f, r, n, m, d, ts, tz, i, b, j, jb, u, ia, ta, mo, p, net, rg, bits, tenant_id)
        SELECT E'tab\\t"quote'' \\\\ ü\\n', '', 'ab', 0.1 + 0.2, 'NaN', 'Infinity', 12.345, '0044-03-15 BC', 'infinity',
          '2026-03-29 01:30:00.123456+13', '1 year 2 mons -3 days 04:05:06.7', '\\xdeadbeef00', '{{"a":  1, "a": 2}}', '{{"b": null}}',
          gen_random_uuid(), '{{1,NULL,3}}', ARRAY['a,b', NULL, '"', ''], 'not "fine", {{really}}', ROW (1, 'x,"y"')::pair, '10.0.0.0/8',
          '[1,5)', B'10101', {OF_SECOND};
        INSERT INTO everything (tenant_id) SELECT {OF_SECOND};""")


@case("kept rows: what no longer fits stays, is told, and comes back once there is room")
def no_room(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY, code text);", TENANCY.format(tables="o"))
    database.up()
    database.sql(f"{SECOND} INSERT INTO o SELECT 7, 'theirs', {OF_SECOND}")
    database.down()
    database.sql("INSERT INTO o VALUES (7, 'ours')")
    said = database.up()
    expect_equal(database.sql("SELECT code FROM o"), "ours", "the row that took its key")
    status = database.segue("status", database.migration)
    expect("1 rows" in status.out or "1 row" in status.out, f"status does not tell: {status.out}")
    expect("does not fit" in said.text or "0 of 1" in said.text, f"run does not tell: {said.text[-600:]}")
    database.down()
    database.sql("DELETE FROM o WHERE id = 7")
    database.up()
    expect_equal(database.sql("SELECT code FROM o"), "theirs", "the row once there is room")


@case("kept rows: a trigger that refuses deletes stops the way back with its name, one that swallows them too")
def deletes(stage):
    for body, what in (("RAISE EXCEPTION 'never delete'", "raises"), ("RETURN NULL", "swallows")):
        database = stage.own(f"""CREATE TABLE o (id int PRIMARY KEY);
            CREATE FUNCTION no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; END $$;
            CREATE TRIGGER no_delete BEFORE DELETE ON o FOR EACH ROW EXECUTE FUNCTION no_delete();""",
                             TENANCY.format(tables="o"))
        database.up()
        database.sql(f"{SECOND} INSERT INTO o SELECT 7, {OF_SECOND}")
        database.segue("rollback", database.migration, "--yes", code=3)
        database.open_gate()
        answer = database.segue("rollback", database.migration, "--yes", code=None)
        expect(answer.code == 5, f"a trigger {what} deletes, and the rollback ended with {answer.code}")
        expect(" o" in answer.err or '"o"' in answer.err, f"the table is not named: {answer.err[-500:]}")
        expect_equal(database.sql("SELECT count(*) FROM o WHERE tenant_id IS NOT NULL"), "1", "rows in the table")
        expect_equal(database.sql("SELECT count(*) FROM segue.kept_row WHERE table_name = 'o'"), "0", "rows set aside")
        database.sql("ALTER TABLE o DISABLE TRIGGER no_delete")
        database.down()
        expect_equal(database.sql("SELECT count(*) FROM o"), "0", "rows in the table after the mend")
