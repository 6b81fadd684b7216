"""Values that a rollback keeps and the next run gives back, where it is hard: twice, meanwhile, under other names, of every type."""
import subprocess

from house import Wrong, case, expect, expect_equal, wait_until
from proof_way_back import TENANCY

TABLE = "CREATE TABLE o (id int PRIMARY KEY, t text); INSERT INTO o SELECT g, 'x' FROM generate_series(1, 50) g;"


def column(definition, phase="", more=""):
    return f"""migration: small
about: A new column.
moves:
  - sql: ALTER TABLE o ADD COLUMN {definition}
{f"    phase: {phase}" if phase else ""}
{more}limits: {{ batch: 100, lock_deadline: 20s }}
"""


def value(database, what="colour", where="id = 7"):
    return database.sql(f"SELECT {what} FROM o WHERE {where}")


@case("hard: a value that was written anew before the old one comes back stays")
def newer(stage):
    database = stage.own(TABLE, column("colour text DEFAULT 'red'"))
    database.up()
    database.sql("UPDATE o SET colour = 'blue' WHERE id IN (7, 8)")
    database.down()
    database.up("enforce")
    database.sql("UPDATE o SET colour = 'green' WHERE id = 7")
    database.up()
    expect_equal(database.sql("SELECT colour FROM o WHERE id IN (7, 8) ORDER BY id"), "green\nblue", "what was written last")


@case("hard: of values kept twice the later one comes back")
def twice(stage):
    database = stage.own(TABLE, column("colour text DEFAULT 'red'"))
    database.up()
    database.sql("UPDATE o SET colour = 'blue' WHERE id IN (7, 8)")
    database.down()
    database.up("enforce")
    database.sql("UPDATE o SET colour = 'green' WHERE id = 7")
    database.down()
    database.up()
    expect_equal(database.sql("SELECT colour FROM o WHERE id IN (7, 8) ORDER BY id"), "green\nblue", "what was written last")


@case("hard: values kept by a partial rollback are not thrown away by the next one")
def partial(stage):
    database = stage.own(TABLE, column("colour text DEFAULT 'red'", "validate"))
    database.up()
    database.sql("UPDATE o SET colour = 'blue' WHERE id = 7")
    database.down("backfill")
    database.up("enforce")
    database.down()
    database.up()
    expect_equal(value(database), "blue", "what was written")


@case("hard: a value written while DROP COLUMN waits for a reader is kept")
def late(stage):
    database = stage.own(TABLE, column("colour text DEFAULT 'red'"))
    database.up("enforce")
    reader = stage.session(database.url, "reader")
    reader.ask("BEGIN; SELECT count(*) FROM o;")
    rollback = database.start("rollback", "small", "--yes")
    wait_until(lambda: "waiting" in rollback.stderr.readline() or rollback.poll() is not None, "it waits")
    expect(rollback.poll() is None, "it did not wait for the reader")
    database.sql("UPDATE o SET colour = 'blue' WHERE id = 7")
    reader.ask("COMMIT;")
    rollback.communicate(timeout=60)
    if rollback.returncode == 3:
        database.down()
    database.up()
    expect_equal(value(database), "blue", "what was written and acknowledged")


@case("hard: a column that a later move renames keeps its values")
def renamed(stage):
    database = stage.own(TABLE, column("colour text DEFAULT 'red'", more="  - sql: ALTER TABLE o RENAME COLUMN colour TO hue\n"))
    if database.segue("plan", "small", code=None).code == 1:
        return "the plan refuses it"
    database.up()
    database.sql("UPDATE o SET hue = 'blue' WHERE id = 7")
    database.down()
    database.up()
    expect_equal(value(database, "hue"), "blue", "what was written")


@case("hard: a column whose type and default a later move changes keeps its values")
def changed(stage):
    database = stage.own(TABLE, column("size text", more="  - sql: ALTER TABLE o ALTER COLUMN size SET DEFAULT 'M'\n    undo: ALTER TABLE o ALTER COLUMN size DROP DEFAULT\n"
                                                         "  - sql: ALTER TABLE o ADD COLUMN \"Wid\"\"th\" int DEFAULT -1, ADD COLUMN \"a b\" numeric DEFAULT 1.50\n"))
    database.up()
    database.sql("UPDATE o SET size = 'L', \"Wid\"\"th\" = NULL, \"a b\" = 'NaN' WHERE id = 7; INSERT INTO o (id) VALUES (100)")
    database.down()
    database.up()
    expect_equal(value(database, 'size, "Wid""th", "a b"', "id IN (7, 100) ORDER BY id"), "L||NaN\nM|-1|1.50", "what was written")


@case("hard: a default that is cast to its column's type does not close the way back")
def cast_default(stage):
    for definition in ("n int DEFAULT 2.7::int", "n text DEFAULT ARRAY['a']::text", "n bit(3) DEFAULT B'101'", "n int DEFAULT 1.0"):
        database = stage.own(TABLE, column(definition))
        if database.segue("plan", "small", code=None).code:
            continue
        database.up()
        try:
            database.down()
        except Wrong as wrong:
            raise Wrong(f"{definition}: {wrong}") from wrong


@case("hard: an expression that fails for a row by now does not close the way back")
def failing(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY, t text); INSERT INTO o SELECT g, g FROM generate_series(1, 50) g;",
                         column("n int", more='  - backfill: { table: o, set: { n: "t::int" }, keep_in_sync: no }\n'))
    database.up()
    database.sql("UPDATE o SET t = 'abc' WHERE id = 7; UPDATE o SET n = 1000 WHERE id = 8")
    database.down()
    database.sql("UPDATE o SET t = '7' WHERE id = 7")
    database.up()
    expect_equal(value(database, "n", "id = 8"), "1000", "what was written")


@case("hard: identity and serial columns come back, and the next number is free")
def numbers(stage):
    told = []
    for definition in ("n int GENERATED ALWAYS AS IDENTITY", "n int GENERATED BY DEFAULT AS IDENTITY", "n serial", "n serial UNIQUE"):
        database = stage.own(TABLE.replace("50", "20"), column(definition, more="").replace("  - sql: ALTER", "  - sql: |\n      -- segue:allow scan-under-lock small\n      ALTER"))
        if database.segue("plan", "small", code=None).code == 1:
            told.append(definition)
            continue
        database.up()
        database.sql("DELETE FROM o WHERE id < 11; INSERT INTO o (id) SELECT generate_series(101, 110);")
        before = database.sql("SELECT id, n FROM o ORDER BY id")
        database.down()
        database.up()
        expect_equal(database.sql("SELECT id, n FROM o ORDER BY id"), before, f"{definition}: what came back")
        database.sql("INSERT INTO o (id) SELECT generate_series(201, 240)")
        expect_equal(database.sql("SELECT count(*) - count(DISTINCT n) FROM o"), "0", f"{definition}: numbers given twice")
    return f"refused: {told}" if told else None


@case("hard: a table without a primary key gets back what its rows can be found by")
def no_key(stage):
    database = stage.own("CREATE TABLE o (id int NOT NULL UNIQUE, t text); INSERT INTO o SELECT g, 'x' FROM generate_series(1, 50) g;",
                         column("colour text DEFAULT 'red'"))
    database.up()
    database.sql("UPDATE o SET colour = 'blue' WHERE id = 7")
    database.down()
    database.up()
    expect_equal(value(database), "blue", "what was written, in a table with a unique column")


@case("hard: a row that the application holds does not make others wait for what comes back")
def held(stage):
    database = stage.own(TABLE, column("colour text DEFAULT 'red'"))
    database.up()
    database.sql("UPDATE o SET colour = 'blue'")
    database.down()
    holder = stage.session(database.url, "holder")
    run = None
    database.up("enforce")
    holder.ask("BEGIN; UPDATE o SET t = 'y' WHERE id = 25;")
    run = database.start("run", "small", "--without-rehearsal", "--yes")
    wait_until(lambda: run.poll() is not None or database.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'segue' AND wait_event_type = 'Lock' AND "
                                                              "datname = current_database()") != "0", "it waits for the row")
    blocked = []
    for row in (1, 10, 24, 26, 50):
        blocked.append(database.sql(f"SET lock_timeout = '500ms'; UPDATE o SET t = 'z' WHERE id = {row}", may_fail=True))
    holder.ask("COMMIT;")
    run.communicate(timeout=60)
    if run.returncode == 3:
        database.up()
    expect_equal([one for one in blocked if one], [], "what other rows' writers are told while one row is held")
    database.up()
    expect_equal(database.sql("SELECT count(*) FROM o WHERE colour = 'blue'"), "50", "values that came back")


@case("hard: a tenancy and values on one table come back together")
def with_tenancy(stage):
    database = stage.own(TABLE, TENANCY.format(tables="o").replace("limits:", "  - sql: ALTER TABLE o ADD COLUMN colour text DEFAULT 'red'\nlimits:"))
    before = database.fingerprint()
    database.up()
    database.sql("INSERT INTO tenants (code) VALUES ('SECOND'); INSERT INTO o (id, t, tenant_id, colour) SELECT g, 'n', (SELECT id FROM "
                 "tenants WHERE code = 'SECOND'), CASE WHEN g % 2 = 0 THEN 'blue' ELSE 'red' END FROM generate_series(101, 140) g; "
                 "UPDATE o SET colour = 'green' WHERE id IN (7, 8)")
    grace = database.fingerprint()
    for _ in range(2):
        database.down()
        expect_equal(database.fingerprint(), before, "catalog and data after the rollback")
        database.up()
        expect_equal(database.fingerprint(), grace, "catalog and data after the next run")
    expect_equal(database.sql("SELECT count(*) FROM segue.kept_row WHERE state <> 'restored'"), "0", "what did not come back")


TYPES = {
    "a": ("text", ["E'back\\\\slash \\\" '' \\n\\t\\r ü€😀 ' ", "''", "'NULL'", "'{}'"]), "b": ("bytea", ["'\\x00ff5c27'", "''"]),
    "c": ("numeric", ["'NaN'", "'-Infinity'", "1.2300", "1e-30"]), "d": ("float8", ["'NaN'", "'-0'", "0.1 + 0.2", "'Infinity'"]),
    "e": ("timestamptz", ["'infinity'", "'2026-03-29 02:30:00.123456+05:30'", "'0044-03-15 12:00+00 BC'"]), "f": ("text[]", ["'{}'", "ARRAY['a,b', NULL, '\"', '']"]),
    "g": ("json", ["'{\"a\":  1, \"a\": 2}'"]), "h": ("jsonb", ["'null'", "'{\"x\": \"\\\\u00fc\"}'"]), "i": ("xml", ["'<a>1</a>'"]),
    "j": ("point", ["'(1.5,-2)'"]), "k": ("interval", ["'1 year -3 days 04:05:06.7'"]), "l": ("mood", ["'so so'"]), "m": ("pair", ["ROW(1, 'a \"b\"')::pair"]),
    "n": ("shout", ["'ABC'"]), "o": ("char(5)", ["'ab'"]), "p": ("int4range", ["'[1,5)'", "'empty'"]), "q": ("bit(3)", ["B'101'"]), "r": ("bpchar", ["'abc  '"]),
    "s": ("\"char\"", ["'x'"]), "u": ("timetz", ["'04:05:06+02'"]), "v": ("money", ["'12.34'"]), "w": ("inet", ["'10.0.0.1/8'"]), "x": ("tsvector", ["'a:1 ''b c'':2'"]),
}


@case("hard: values of many types come back bit by bit, again and again")
def types(stage):
    adds = "".join(f", ADD COLUMN {name} {type_}" for name, (type_, _) in TYPES.items())[2:]
    database = stage.own("CREATE TYPE mood AS ENUM ('so so', 'Good'); CREATE TYPE pair AS (i int, t text); CREATE DOMAIN shout AS text CHECK (VALUE = upper(VALUE));"
                         "CREATE TABLE o (\"Key One\" text, \"k\"\"2\" numeric, at timestamptz, PRIMARY KEY (\"Key One\", \"k\"\"2\", at));"
                         "INSERT INTO o SELECT 'A''' || g, g / 7.0, timestamptz '2026-01-01' + g * interval '1 microsecond' FROM generate_series(1, 20) g;",
                         "migration: small\nabout: New columns.\nmoves:\n  - sql: |\n      ALTER TABLE o " + adds + "\n")
    database.up()
    for name, (_, values) in TYPES.items():
        for at, one in enumerate(values):
            database.sql(f"UPDATE o SET {name} = {one} WHERE \"Key One\" = 'A''{at + 1}'")
    grace = database.fingerprint()
    for _ in range(2):
        database.down()
        database.up()
        expect_equal(database.fingerprint(), grace, "catalog and data after the next run")


@case("hard: the first row, which was changed and is referred to, stays the first through two rounds")
def first_row(stage):
    database = stage.own("CREATE TABLE tenants (id serial PRIMARY KEY, code text UNIQUE NOT NULL, name text); INSERT INTO tenants (code) VALUES ('OTHER');" + TABLE,
                         TENANCY.format(tables="o").replace("  - sql: CREATE TABLE tenants (id serial PRIMARY KEY, code text UNIQUE NOT NULL);\n", ""))
    before = database.fingerprint()
    for tag in ("one", "two"):
        database.up()
        key = database.sql("SELECT id FROM tenants WHERE code <> 'OTHER'")
        database.sql(f"UPDATE tenants SET code = 'NEW {tag}', name = '{tag}' WHERE id = {key}; INSERT INTO o SELECT max(id) + 1, 'n', {key} FROM o")
        database.down()
        database.sql("DELETE FROM o WHERE t = 'n'")
        expect_equal(database.fingerprint(), before, "catalog and data, there and back")
    database.up()
    expect_equal(database.sql("SELECT code, name FROM tenants ORDER BY id"), "OTHER|\nNEW two|two", "the tenants")


@case("hard: the first row that the new application has deleted does not close the way back")
def first_deleted(stage):
    database = stage.own("CREATE TABLE tenants (id serial PRIMARY KEY, code text UNIQUE NOT NULL); INSERT INTO tenants (code) VALUES ('OTHER');" + TABLE,
                         TENANCY.format(tables="o").replace("  - sql: CREATE TABLE tenants (id serial PRIMARY KEY, code text UNIQUE NOT NULL);\n", ""))
    before = database.fingerprint()
    database.up()
    database.sql("UPDATE o SET tenant_id = (SELECT id FROM tenants WHERE code = 'OTHER'); DELETE FROM tenants WHERE code = 'FIRST'")
    grace = database.sql("SELECT id, tenant_id FROM o ORDER BY id")
    database.down()
    expect_equal(database.fingerprint()["catalog"], before["catalog"], "the catalog, there and back")
    database.up()
    expect_equal(database.sql("SELECT id, tenant_id FROM o ORDER BY id"), grace, "whom the rows belong to")


@case("hard: 20,000 values come back in seconds")
def many(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY, t text); INSERT INTO o SELECT g, 'x' FROM generate_series(1, 20000) g;",
                         column("colour text DEFAULT 'red'"))
    database.up()
    database.sql("UPDATE o SET colour = 'c' || id")
    database.down()
    database.segue("run", "small", "--without-rehearsal", "--yes", seconds=15)
    expect_equal(database.sql("SELECT count(*) FROM o WHERE colour = 'c' || id"), "20000", "values that came back")


@case("hard: values of two columns that a CHECK ties together come back")
def tied(stage):
    database = stage.own(TABLE, column("a int, ADD COLUMN b int, ADD CONSTRAINT tied CHECK ((a IS NULL) = (b IS NULL)) NOT VALID"))
    database.up()
    database.sql("UPDATE o SET a = 1, b = 2 WHERE id = 7")
    database.down()
    database.up()
    expect_equal(value(database, "a, b"), "1|2", "what was written")


@case("hard: kill -9 while values are kept and come back: each comes back once")
def kills(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY, t text); INSERT INTO o SELECT g, 'x' FROM generate_series(1, 2000) g;",
                         column("colour text DEFAULT 'red'"))
    database.up()
    database.sql("UPDATE o SET colour = 'c' || id")
    met = 0
    for command, end, patience in (["rollback"], "rolled_back", 0.2), (["run", "--without-rehearsal"], "grace", 0.5):
        for tries in range(12):
            process = database.start(command[0], "small", "--yes", *command[1:])
            if tries < 5:
                try:
                    process.wait(stage.random.uniform(0.02, patience))
                except subprocess.TimeoutExpired:
                    process.kill()
                    met += 1
            process.communicate()
            if process.returncode == 3:
                database.open_gate()
            if process.returncode == 0:
                break
        expect_equal(database.status()["state"], end, "where it stands")
    expect_equal(database.sql("SELECT count(*) FROM o WHERE colour = 'c' || id"), "2000", "values that came back")
    expect_equal(database.sql("SELECT state, count(*), count(DISTINCT key) FROM segue.kept_row GROUP BY 1"), "restored|2000|2000", "what was kept")
    return f"{met} kills"


@case("hard: values beside a displaced column and rows of another tenant come back")
def displaced(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY, tenant_id text DEFAULT 'x'); INSERT INTO o SELECT g, 'x' || g FROM generate_series(1, 50) g;",
                         TENANCY.format(tables="o").replace("limits:", "      displace: { o: who }\n  - sql: ALTER TABLE o ADD COLUMN colour text DEFAULT 'red'\nlimits:"))
    database.up()
    database.sql("UPDATE o SET colour = 'blue' WHERE id = 7; INSERT INTO tenants (code) VALUES ('S'); INSERT INTO o (id, who, tenant_id, colour) VALUES (100, 'w', 2, 'green')")
    grace = database.fingerprint()
    database.down()
    database.up()
    expect_equal(database.fingerprint(), grace, "catalog and data after the next run")


@case("hard: a rollback given up puts no old value over a newer one")
def given_up(stage):
    database = stage.own(TABLE, column("colour text DEFAULT 'red'"))
    database.up()
    database.sql("UPDATE o SET colour = 'blue' WHERE id IN (7, 8); CREATE VIEW w AS SELECT colour FROM o")
    database.approve("new application withdrawn")
    expect_equal(database.segue("rollback", "small", "--yes", code=None).code, 5, "how the rollback ends")
    database.sql("UPDATE o SET colour = 'green' WHERE id = 7")
    for _ in range(4):
        answer = database.segue("run", "small", "--give-up-rollback", "--yes", "--without-rehearsal", code=None)
        if answer.code != 3:
            break
        database.open_gate()
    expect_equal(answer.code, 0, f"how the run ends: {answer.err[-300:]}")
    expect_equal(database.sql("SELECT colour FROM o WHERE id IN (7, 8) ORDER BY id"), "green\nblue", "what was written last")
