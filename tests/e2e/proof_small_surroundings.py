"""Small migrations, and what happens around them: policies, tables that were there before, changes by others, settings."""
import time

import house
from house import case, expect, expect_equal, wait_until
from proof_small import up_and_back
from proof_way_back import TENANCY, Writers


@case("small: rows that a policy hides from the owner are carried, or the run says that it cannot")
def hidden_rows(stage):
    database = stage.own("""CREATE TABLE o (id int PRIMARY KEY, t text, secret boolean); INSERT INTO o SELECT g, 'T', g % 2 = 0 FROM
        generate_series(1, 100) g; ALTER TABLE o ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON o USING (NOT
        secret);""", """migration: small
about: A new column.
moves:
  - sql: ALTER TABLE o ADD COLUMN filled text
  - backfill: { table: o, set: { filled: lower(t) }, keep_in_sync: derive }
""")
    admin, host, name = database.url, database.url.split("@", 1)[1], database.url.rsplit("/", 1)[1]
    database.sql(f"""DO $$ BEGIN CREATE ROLE e2e_owner LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN END $$;
        ALTER TABLE o OWNER TO e2e_owner; GRANT CREATE ON SCHEMA public TO e2e_owner; GRANT CREATE ON DATABASE "{name}" TO e2e_owner;""")
    database.url = f"postgresql://e2e_owner:x@{host}"
    try:
        answer = database.segue("run", "small", "--without-rehearsal", "--yes", code=None)
    finally:
        database.url = admin
    left = database.sql("SELECT count(*) FROM o WHERE filled IS NULL", may_fail=True)
    database.sql("DROP OWNED BY e2e_owner CASCADE", may_fail=True)
    expect(answer.code != 0 or left == "0", f"run ended with 0, and {left} of 100 rows were not carried")
    expect(answer.code == 0 or "row" in answer.err, f"the refusal does not speak of row level security: {answer.err[-300:]}")


@case("small: a root table that was there before is what it was", fast=True)
def existing_root(stage):
    migration = TENANCY.format(tables="o").replace(
        "  - sql: CREATE TABLE tenants (id serial PRIMARY KEY, code text UNIQUE NOT NULL);\n", "")
    schema = ("CREATE TABLE tenants (id serial PRIMARY KEY, code text UNIQUE NOT NULL); INSERT INTO tenants (code) VALUES ('MINE'); CREATE "
              "TABLE o (id int PRIMARY KEY); INSERT INTO o SELECT generate_series(1, 50);")
    up_and_back(stage.own(schema, migration))
    up_and_back(stage.own(schema + "INSERT INTO tenants (code) VALUES ('FIRST');", migration))


@case("small: a table that was there before keeps its rows, though the migration says CREATE TABLE IF NOT EXISTS")
def if_not_exists(stage):
    database = stage.own("CREATE TABLE tags (id int PRIMARY KEY); INSERT INTO tags VALUES (1), (2);", """migration: small
about: Tags.
moves:
  - sql: CREATE TABLE IF NOT EXISTS tags (id int PRIMARY KEY);
    undo: SELECT 1
""")
    if database.segue("plan", "small", code=None).code == 1:
        return "the plan refuses it"
    up_and_back(database)
    return ""


@case("small: an expression that answers differently each time is refused by plan")
def volatile(stage):
    for expression in ("gen_random_uuid()::text", "clock_timestamp()::text", "random()::text"):
        database = stage.own("CREATE TABLE o (id int PRIMARY KEY); INSERT INTO o SELECT generate_series(1, 50);", f"""migration: small
about: A new column.
moves:
  - sql: ALTER TABLE o ADD COLUMN filled text
  - backfill: {{ table: o, set: {{ filled: "{expression}" }}, keep_in_sync: derive }}
""")
        database.segue("plan", "small", code=1)
    once = stage.own("CREATE TABLE o (id int PRIMARY KEY); INSERT INTO o SELECT generate_series(1, 50);", """migration: small
about: A new column.
moves:
  - sql: ALTER TABLE o ADD COLUMN filled text DEFAULT gen_random_uuid()::text
  - sql: ALTER TABLE o ADD COLUMN other text
  - backfill: { table: o, set: { other: "gen_random_uuid()::text" }, keep_in_sync: no }
""")
    if once.segue("plan", "small", code=None).code == 0:
        up_and_back(once)


@case("small: what was written into a new column comes back with the next run")
def new_column(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY); INSERT INTO o SELECT generate_series(1, 50);", """migration: small
about: A new column.
moves:
  - sql: ALTER TABLE o ADD COLUMN colour text DEFAULT 'red'
""")
    database.up()
    database.sql("UPDATE o SET colour = 'blue' WHERE id IN (7, 9)")
    told = database.down().text
    database.up()
    expect_equal(database.sql("SELECT count(*) FROM o WHERE colour = 'blue'"), "2", f"values that came back (rollback said: {told[:200]})")


@case("small: the first tenant is renamed meanwhile, and the way back is there all the same")
def first_renamed(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY); INSERT INTO o SELECT generate_series(1, 50);", TENANCY.format(tables="o"))
    before = database.fingerprint()
    database.up()
    database.sql("UPDATE tenants SET code = 'RENAMED' WHERE code = 'FIRST'")
    database.down()
    expect_equal(database.fingerprint(), before, "catalog and data, there and back")
    database.up()
    expect_equal(database.sql("SELECT count(*), min(code) FROM tenants"), "1|RENAMED", "the tenants after the next run")


@case("small: settings of the database and of the role do not matter")
def settings_of_the_database(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY, t text); INSERT INTO o SELECT g, 'x' FROM generate_series(1, 500) g;",
                         TENANCY.format(tables="o").replace("FIRST", "'a\\''b'"))
    name = database.url.rsplit("/", 1)[1]
    before = database.fingerprint()
    database.sql("".join(f'ALTER DATABASE "{name}" SET {setting};' for setting in (
        "default_transaction_isolation = 'serializable'", "default_transaction_read_only = on", "lock_timeout = '1ms'",
        "idle_in_transaction_session_timeout = '1ms'", "datestyle = 'SQL, DMY'", "standard_conforming_strings = off",
        "intervalstyle = 'sql_standard'", "bytea_output = 'escape'", "extra_float_digits = -3", "timezone = 'Pacific/Auckland'",
        "client_encoding = 'LATIN1'", "enable_seqscan = off", "session_replication_role = 'local'", "row_security = off",
        "synchronous_commit = off", "xmlbinary = hex", "search_path = public, pg_catalog", "transform_null_equals = on",
        "default_table_access_method = heap", "check_function_bodies = off", "quote_all_identifiers = on")))
    database.up()
    expect_equal(database.sql("SET standard_conforming_strings = on; SELECT code FROM tenants"), "a\\'b", "the first tenant")
    database.down()
    database.sql(f'SET default_transaction_read_only = off; ALTER DATABASE "{name}" RESET ALL')
    expect_equal(database.fingerprint(), before, "catalog and data, there and back")


@case("small: somebody drops what the way back would drop; it goes on")
def drift(stage):
    for change in ("ALTER TABLE o DROP CONSTRAINT fk_o_tenant", "DROP INDEX idx_o_t"):
        migration = TENANCY.format(tables="o").replace("limits:", "      index: { o: [[t]] }\nlimits:")
        database = stage.own("CREATE TABLE o (id int PRIMARY KEY, t text); INSERT INTO o SELECT g, 'x' FROM generate_series(1, 50) g;", migration)
        before = database.fingerprint()
        database.up("enforce")
        database.sql(change)
        verified = database.segue("verify", "small", "--json", code=1).json()
        expect(any(not one["ok"] for one in verified), f"{change}: verify tells no drift")
        database.down()
        expect_equal(database.fingerprint(), before, f"{change}: catalog and data, there and back")


@case("small: a migration that another stands on is not undone half")
def stacked(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY); INSERT INTO o SELECT generate_series(1, 50);", TENANCY.format(tables="o"))
    before = database.fingerprint()
    second = database.project / "migrations" / "0002_second"
    second.mkdir()
    (second / "migration.yaml").write_text("migration: second\nabout: A view.\nmoves:\n  - sql: CREATE VIEW v AS SELECT id, tenant_id FROM o\n")
    database.up()
    database.segue("run", "second", "--without-rehearsal", "--yes")
    grace = database.fingerprint()
    answer = database.segue("rollback", "small", "--yes", code=None)
    if answer.code == 3:
        database.approve("new application withdrawn")
        answer = database.segue("rollback", "small", "--yes", code=None)
    expect(answer.code in (2, 5), f"rollback of what another stands on ended with {answer.code}")
    expect("CASCADE" not in answer.err, f"it advises CASCADE: {answer.err[-300:]}")
    if answer.code == 2:
        expect_equal(database.fingerprint(), grace, "catalog and data after a refusal")
    for name in ("second", "small"):
        database.migration = name
        if database.segue("rollback", name, "--yes", code=None).code == 3:
            database.approve("new application withdrawn")
            database.segue("rollback", name, "--yes")
    expect_equal(database.fingerprint(), before, "catalog and data once both are rolled back")


@case("small: thousands of rows are set aside and come back within a minute")
def many_kept(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY, t text); CREATE TABLE c (id int PRIMARY KEY, o_id int REFERENCES o); CREATE INDEX "
                         "ON c (o_id); INSERT INTO o SELECT g, 'x' FROM generate_series(1, 1000) g;", TENANCY.format(tables="o"))
    before = database.fingerprint()
    database.up()
    database.sql("INSERT INTO tenants (code) VALUES ('SECOND'); INSERT INTO o SELECT g, 'y', (SELECT id FROM tenants WHERE code = 'SECOND') FROM "
                 "generate_series(10001, 20000) g; INSERT INTO c SELECT g, g FROM generate_series(10001, 20000) g;")
    grace = database.fingerprint()
    started = time.monotonic()
    database.down()
    middle = time.monotonic()
    expect_equal(database.fingerprint(), before, "catalog and data after the way back")
    again = time.monotonic()
    database.up()
    end = time.monotonic()
    expect_equal(database.fingerprint()["data"], grace["data"], "the data after the next run")
    expect(middle - started < 60 and end - again < 60, f"{middle - started:.0f} s and {end - again:.0f} s")
    return f"20,000 rows: set aside {middle - started:.1f} s, back {end - again:.1f} s"


@case("small: an unchanged check holds while rows come in fast, and finds one that went another way")
def unchanged(stage):
    database = stage.own("CREATE TABLE o (id bigserial PRIMARY KEY, t text); INSERT INTO o (t) SELECT 'x' FROM generate_series(1, 500);",
                         """migration: small
about: A new column.
moves:
  - sql: ALTER TABLE o ADD COLUMN colour text
checks:
  - { name: as many as before, after: [expand, backfill, validate, enforce], unchanged: SELECT count(*) FROM o }
""")
    # The server's counters stand still while the first value is taken, and lag behind the rows afterwards.
    database.up("prepare")
    writers = Writers(stage, database, 3, lambda tag: f"INSERT INTO o (t) VALUES ('{tag}') RETURNING t;")
    wait_until(lambda: len(writers.acknowledged) > 50, "the writers write")
    database.up("enforce")
    writers.end()
    database.down("expand")
    # Rows that nobody is counted as having deleted: TRUNCATE moves no counter.
    database.sql("TRUNCATE o")
    database.segue("run", "small", "--without-rehearsal", "--yes", "--to", "backfill", code=5)
    return f"{len(writers.acknowledged)} rows came in"
