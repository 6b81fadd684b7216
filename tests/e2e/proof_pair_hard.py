"""Pairs where it is hard: lossy and rounding maps, NULLs, odd names and types, triggers of the user's own, the way back."""
from house import case, expect, expect_equal
from proof_pair import F, G, TABLE, migration

ROWS = " FROM generate_series(1, 200) g;"


def pair(table, column, type_, set_, back, more="", options=""):
    """A migration with one pair; `more` are further moves, `options` further keys of the pair."""
    return f"""migration: small
about: A pair.
moves:
  - sql: ALTER TABLE {table} ADD COLUMN {column} {type_}
  - backfill:
      table: {table}
      set: {set_}
      back: {back}
      keep_in_sync: pair{options}
{more}limits: {{ batch: 100 }}
"""


def finish(database):
    database.approve("grace", "operator", "--open", "the proof needs no two days")
    database.segue("finish", database.migration, "--yes")


@case("hard: a pair's backfill does not touch an old side that is NULL")
def null_stays(stage):
    database = stage.own(TABLE.replace("NOT NULL DEFAULT 1", "") + "UPDATE t SET status = NULL WHERE id % 10 = 0;", migration())
    before = database.fingerprint()
    database.up()
    expect_equal(database.sql("SELECT count(*) FROM t WHERE status IS NULL"), "300", "rows whose old side is NULL, after the backfill")
    database.down()
    expect_equal(database.fingerprint()["data"], before["data"], "the data, there and back")


@case("hard: after the switch an unrelated UPDATE leaves alone what only the new side could take")
def unrelated(stage):
    database = stage.own(TABLE, migration("status::text", "state::int"))
    database.up()
    database.sql("UPDATE t SET state = 'gold' WHERE id = 7")
    database.sql("UPDATE t SET note = 'by somebody' WHERE id = 7")
    expect_equal(database.sql("SELECT state FROM t WHERE id = 7"), "gold", "what the new application wrote, after an UPDATE of another column")


@case("hard: a value that the old side rounds stays what the new application wrote")
def rounded(stage):
    database = stage.own("CREATE TABLE t (id int PRIMARY KEY, price numeric(10,2) NOT NULL DEFAULT 0, note text);"
                         "INSERT INTO t SELECT g, g" + ROWS, pair("t", "exact", "numeric", "{ exact: price }", "{ price: exact }"))
    database.up()
    expect_equal(database.sql("UPDATE t SET exact = 1.239 WHERE id = 7 RETURNING price, exact"), "1.24|1.239", "what was written")
    expect_equal(database.sql("INSERT INTO t (id, exact) VALUES (999, 5.555) RETURNING price, exact"), "5.56|5.555", "an INSERT")


@case("hard: a date beside a timestamp, with zones: the hour that the old side cannot hold stays")
def dates(stage):
    database = stage.own("CREATE TABLE t (id int PRIMARY KEY, day date);"
                         "INSERT INTO t SELECT g, date '2026-01-01' + g" + ROWS,
                         pair("t", "at", "timestamptz", "{ at: \"day::timestamp AT TIME ZONE 'UTC'\" }", "{ day: \"at AT TIME ZONE 'UTC'\" }"))
    database.up()
    expect_equal(database.sql("SET timezone = 'Pacific/Auckland'; UPDATE t SET at = '2026-05-05 13:45+00' WHERE id = 7 RETURNING day, at = '2026-05-05 13:45+00'"),
                 "2026-05-05|t", "what was written")


@case("hard: the restore after contract makes the old side right again")
def after_contract(stage):
    database = stage.own(TABLE, migration())
    database.up()
    finish(database)
    database.sql("UPDATE t SET state = 'paid' WHERE id = 7; INSERT INTO t (id, state) VALUES (9001, 'paid')")
    database.segue("restore", "small", "--yes")
    expect_equal(database.sql("SELECT id, status, state FROM t WHERE id IN (7, 9001) ORDER BY id"), "7|2|paid\n9001|2|paid",
                 "what the old application sees of what was written after contract")


@case("hard: two columns that came from one come back together")
def two_columns(stage):
    database = stage.own("CREATE TABLE t (id int PRIMARY KEY, name text); INSERT INTO t SELECT g, 'Anna Nr' || g" + ROWS, """migration: small
about: Names in two parts.
moves:
  - sql: ALTER TABLE t ADD COLUMN first text, ADD COLUMN last text
  - backfill:
      table: t
      set: { first: "split_part(name, ' ', 1)", last: "substr(name, length(split_part(name, ' ', 1)) + 2)" }
      back: { name: "concat_ws(' ', nullif(first, ''), nullif(last, ''))" }
      keep_in_sync: pair
""")
    database.up()
    database.sql("UPDATE t SET first = 'Jean Paul', last = 'Sartre' WHERE id = 7")
    expect_equal(database.sql("SELECT name, first, last FROM t WHERE id = 7"), "Jean Paul Sartre|Jean Paul|Sartre", "what was written")
    database.down()
    expect_equal(database.sql("SELECT name FROM t WHERE id = 7"), "Jean Paul Sartre", "the old shape")
    database.up()
    expect_equal(database.sql("SELECT name, first, last FROM t WHERE id = 7"), "Jean Paul Sartre|Jean Paul|Sartre", "what came back")


@case("hard: expressions that name the table go up and back")
def qualified(stage):
    database = stage.own(TABLE, migration(F.replace("status", "t.status").replace("t.t.", "t."), G.replace("state", "t.state")).replace("table: t\n", "table: t\n")
                         .replace("TABLE t ", "TABLE orders ").replace("table: t\n", "table: orders\n").replace("t.stat", "orders.stat"))
    database.sql("ALTER TABLE t RENAME TO orders")
    before = database.fingerprint()
    database.up()
    database.sql("UPDATE orders SET state = 'archived' WHERE id = 7")
    database.down()
    expect_equal(database.fingerprint()["catalog"], before["catalog"], "the catalog, there and back")


@case("hard: a column called found, and one called wrote_new, are columns in an expression")
def variables(stage):
    database = stage.own("CREATE TABLE t (id int PRIMARY KEY, found boolean, wrote_new int, tg_op text);"
                         "INSERT INTO t SELECT g, g % 2 = 0, g, 'x'" + ROWS,
                         pair("t", "lost", "boolean", "{ lost: not found }", "{ found: not lost }", """  - sql: ALTER TABLE t ADD COLUMN words text
  - backfill: { table: t, set: { words: "concat_ws(' ', tg_op, wrote_new::text, found::text)" }, keep_in_sync: derive }
"""))
    database.up("expand")
    database.sql("INSERT INTO t VALUES (1000, true, 5, 'y')")
    expect_equal(database.sql("SELECT found, lost, words FROM t WHERE id = 1000"), "t|f|y 5 true", "a new row")
    expect_equal(database.sql("UPDATE t SET lost = true WHERE id = 1000 RETURNING found, lost"), "f|t", "the new side changed")
    database.up()


@case("hard: a generated column in an expression has its value, or the plan says no")
def generated(stage):
    database = stage.own("CREATE TABLE t (id int PRIMARY KEY, net int, gross int GENERATED ALWAYS AS (net * 2) STORED);"
                         "INSERT INTO t (id, net) SELECT g, g" + ROWS, """migration: small
about: A new column.
moves:
  - sql: ALTER TABLE t ADD COLUMN shown text
  - backfill: { table: t, set: { shown: "gross || ' EUR'" }, keep_in_sync: derive }
""")
    if database.segue("plan", "small", code=None).code == 1:
        return "the plan refuses it"
    database.up("expand")
    database.sql("INSERT INTO t (id, net) VALUES (1000, 5)")
    expect_equal(database.sql("SELECT gross, shown FROM t WHERE id = 1000"), "10|10 EUR", "a new row")
    database.up()


@case("hard: types without an equality: a pair holds, or the plan says no")
def no_equality(stage):
    told = []
    for type_, value in (("json", "'{\"a\": 1}'"), ("xml", "'<a/>'"), ("point", "'(1,2)'")):
        database = stage.own(f"CREATE TABLE t (id int PRIMARY KEY, a {type_}); INSERT INTO t SELECT g, {value}" + ROWS,
                             pair("t", "b", type_, "{ b: a }", "{ a: b }"))
        if database.segue("plan", "small", code=None).code == 1:
            told.append(type_)
            continue
        database.up()
        expect_equal(database.sql(f"UPDATE t SET b = {value} WHERE id = 7 RETURNING a::text = b::text"), "t", f"a pair of {type_}")
    return f"refused by the plan: {', '.join(told)}"


@case("hard: a user's trigger that changes the new side: the old side follows")
def trigger_on_new(stage):
    database = stage.own(TABLE, pair("t", "state", "text", f'{{ state: "{F}" }}', f'{{ status: "{G}" }}', """  - sql: |
      CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.note = 'pay' THEN NEW.state := 'paid'; END IF; RETURN NEW; END $$
  - sql: CREATE TRIGGER tidy BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tidy()
"""))
    database.up("enforce")
    expect_equal(database.sql("UPDATE t SET note = 'pay' WHERE id = 7 RETURNING status, state"), "2|paid", "a row that the trigger changes")


@case("hard: a default of the file's own is there after contract")
def own_default(stage):
    database = stage.own(TABLE.replace(" DEFAULT 1", ""), pair("t", "state", "text NOT NULL DEFAULT 'draft'", f'{{ state: "{F}" }}', f'{{ status: "{G}" }}'))
    database.up()
    expect_equal(database.sql("SELECT count(*) FROM t WHERE state = 'draft'"), "0", "rows that have nothing but the default")
    finish(database)
    said = database.sql("INSERT INTO t (id, status) VALUES (9001, 1) RETURNING state", may_fail=True)
    expect_equal(said, "draft", "a row that the new application inserts without a state")


@case("hard: a CHECK or NOT NULL of either side fails no statement of the old application")
def constraints(stage):
    database = stage.own(TABLE, pair("t", "state", "text", "{ state: \"CASE status WHEN 1 THEN 'open' WHEN 2 THEN 'paid' WHEN 3 THEN 'x' WHEN 4 THEN 'y' WHEN 5 THEN 'z' END\" }",
                                     f'{{ status: "{G}" }}', "  - sql: ALTER TABLE t ADD CONSTRAINT has_state CHECK (state IS NOT NULL) NOT VALID\n    phase: enforce\n"))
    if database.segue("plan", "small", code=None).code == 1:
        return "the plan refuses it"
    database.up("enforce")
    said = database.sql("UPDATE t SET status = 6 WHERE id = 7", may_fail=True)
    expect_equal(said, "", "what the old application is told")


@case("hard: a view on the new column stops the way back; what the old application writes meanwhile stays")
def interrupted(stage):
    database = stage.own(TABLE, migration())
    database.up()
    database.sql("UPDATE t SET state = 'archived' WHERE id = 7; CREATE VIEW w AS SELECT state FROM t")
    database.approve("new application withdrawn")
    answer = database.segue("rollback", "small", "--yes", code=None)
    expect(answer.code != 0, "the rollback did not stop")
    database.sql("UPDATE t SET status = 1 WHERE id = 7; DROP VIEW w")
    database.down()
    database.up()
    expect_equal(database.sql("SELECT status FROM t WHERE id = 7"), "1", "what the old application wrote last")


@case("hard: the old column leaves in contract, and what the new application writes meanwhile stays")
def old_leaves(stage):
    database = stage.own(TABLE, pair("t", "state", "text", f'{{ state: "{F}" }}', f'{{ status: "{G}" }}',
                                     "  - sql: ALTER TABLE t DROP COLUMN status\n    phase: contract\n    undo: ALTER TABLE t ADD COLUMN status int NOT NULL DEFAULT 1\n"))
    plan = database.segue("plan", "small", code=None)
    if plan.code == 1:
        return "the plan refuses it"
    text = plan.text
    at = text.find("DROP COLUMN status"), text.find("drop sync triggers")
    expect(at[0] > at[1] > 0, "the plan drops the column before the triggers that use it:\n" + text[max(0, text.find("contract")):][:1500])


@case("hard: a function in a schema of its own that answers differently each time is found by the plan")
def unsteady(stage):
    database = stage.own("CREATE SCHEMA lib; CREATE FUNCTION lib.rnd() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT (random() * 1e6)::int';" + TABLE, """migration: small
about: A new column.
moves:
  - sql: ALTER TABLE t ADD COLUMN z int
  - backfill: { table: t, set: { z: "lib.rnd()" }, keep_in_sync: derive }
""")
    expect_equal(database.segue("plan", "small", code=None).code, 1, "how plan ends")


@case("hard: a function that only the database's search_path finds works in the triggers too")
def search_path(stage):
    database = stage.own("CREATE SCHEMA lib; CREATE FUNCTION lib.slug(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';"
                         "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, lib', current_database()); END $$;" + TABLE, """migration: small
about: A new column.
moves:
  - sql: ALTER TABLE t ADD COLUMN z text
  - backfill: { table: t, set: { z: "slug(note)" }, keep_in_sync: derive }
""")
    if database.segue("plan", "small", code=None).code == 1:
        return "the plan refuses it"
    database.up("expand")
    expect_equal(database.sql("INSERT INTO t (id, note) VALUES (9001, 'ABC') RETURNING z"), "abc", "a new row")
    database.up()
