"""Pairs where it is hard: lossy and rounding maps, NULLs, odd names and types, triggers of the user's own, the way back."""
import subprocess

from house import case, expect, expect_equal
from proof_pair import F, G, TABLE, WRONG, migration
from proof_way_back import TENANCY, Writers

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
    admin, name = database.url, database.url.rsplit("/", 1)[1]
    # An owner who is no superuser: the backfill fires the triggers.
    database.sql(f"""DO $$ BEGIN CREATE ROLE e2e_owner LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN END $$;
        ALTER TABLE t OWNER TO e2e_owner; GRANT CREATE ON SCHEMA public TO e2e_owner; GRANT CREATE ON DATABASE "{name}" TO e2e_owner;""")
    database.url = f"postgresql://e2e_owner:x@{admin.split('@', 1)[1]}"
    try:
        database.up()
        expect_equal(database.sql("SELECT count(*) FROM t WHERE status IS NULL"), "300", "rows whose old side is NULL, after the backfill")
        database.down()
        expect_equal(database.fingerprint()["data"], before["data"], "the data, there and back")
    finally:
        database.url = admin
        database.sql("DROP OWNED BY e2e_owner CASCADE", may_fail=True)


@case("hard: after the switch an unrelated UPDATE leaves alone what only the new side could take")
def unrelated(stage):
    database = stage.own(TABLE, migration("status::text", "state::int"))
    database.up()
    database.sql("UPDATE t SET state = 'gold' WHERE id = 7")
    database.sql("UPDATE t SET note = 'by somebody' WHERE id = 7")
    expect_equal(database.sql("SELECT state FROM t WHERE id = 7"), "gold", "what the new application wrote, after an UPDATE of another column")


@case("hard: what the old side rounds, cuts or cannot hold stays what the new application wrote")
def rounded(stage):
    database = stage.own("CREATE TABLE t (id int PRIMARY KEY, price numeric(10,2) NOT NULL DEFAULT 0, note text);"
                         "INSERT INTO t SELECT g, g" + ROWS, pair("t", "exact", "numeric", "{ exact: price }", "{ price: exact }"))
    database.up()
    expect_equal(database.sql("UPDATE t SET exact = 1.239 WHERE id = 7 RETURNING price, exact"), "1.24|1.239", "what was written")
    expect_equal(database.sql("INSERT INTO t (id, exact) VALUES (999, 5.555) RETURNING price, exact"), "5.56|5.555", "an INSERT")
    database = stage.own("CREATE TABLE t (id int PRIMARY KEY, day date, nm varchar(5), n smallint, note text); INSERT INTO t SELECT g, date '2026-01-01' + g, g, g" + ROWS,
                         pair("t", "at", "timestamptz", "{ at: \"day::timestamp AT TIME ZONE 'UTC'\" }", "{ day: \"at AT TIME ZONE 'UTC'\" }", """  - sql: ALTER TABLE t ADD COLUMN name text, ADD COLUMN big bigint
  - backfill: { table: t, set: { name: nm }, back: { nm: name }, keep_in_sync: pair }
  - backfill: { table: t, set: { big: n }, back: { n: big }, keep_in_sync: pair }
"""))
    database.up()
    seen = "day, at = '2026-05-05 13:45+00', nm, name, n, big"
    for statement in ("UPDATE t SET at = '2026-05-05 13:45+00', name = 'abcdefgh', big = 100000 WHERE id = 7", "UPDATE t SET note = 'x' WHERE id = 7"):
        expect_equal(database.sql(f"SET timezone = 'Pacific/Auckland'; {statement} RETURNING {seen}"), "2026-05-05|t|abcde|abcdefgh|7|100000", statement)
    database.down()
    answer = database.segue("run", "small", "--without-rehearsal", "--yes", code=None)
    expect("big right in every row" in answer.err, f"what has no image is not found before the switch: {answer.err[-200:]}")
    database.sql("UPDATE t SET big = 7 WHERE id = 7")
    database.up()
    expect_equal(database.sql(f"SELECT {seen} FROM t WHERE id = 7"), "2026-05-05|t|abcde|abcdefgh|7|7", "what came back")


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
    database = stage.own(TABLE, pair("orders", "state", "text", "{ state: \"" + F.replace("status", "orders.status") + '" }',
                                     "{ status: \"" + G.replace("state", "orders.state") + '" }'))
    database.sql("ALTER TABLE t RENAME TO orders")
    before = database.fingerprint()
    database.up()
    database.sql("UPDATE orders SET state = 'archived' WHERE id = 7")
    database.down()
    expect_equal(database.fingerprint()["catalog"], before["catalog"], "the catalog, there and back")


@case("hard: names in an expression mean what they mean in a query: columns called found and wrote_new, a function by search_path")
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
    database = stage.own("CREATE SCHEMA lib; CREATE FUNCTION lib.slug(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';"
                         "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, lib', current_database()); END $$;"
                         + TABLE, """migration: small
about: A new column.
moves:
  - sql: ALTER TABLE t ADD COLUMN z text
  - backfill: { table: t, set: { z: "slug(note)" }, keep_in_sync: derive }
""")
    database.up("expand")
    expect_equal(database.sql("INSERT INTO t (id, note) VALUES (9001, 'ABC') RETURNING z"), "abc", "a row that slug() is needed for")


@case("hard: a user's trigger that changes the new side: the old side follows")
def trigger_on_new(stage):
    database = stage.own(TABLE, pair("t", "state", "text", f'{{ state: "{F}" }}', f'{{ status: "{G}" }}', """  - sql: |
      CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.note = 'pay' THEN NEW.state := 'paid'; END IF; RETURN NEW; END $$
  - sql: CREATE TRIGGER tidy BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tidy()
"""))
    database.up("enforce")
    expect_equal(database.sql("UPDATE t SET note = 'pay' WHERE id = 7 RETURNING status, state"), "2|paid", "a row that the trigger changes")


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


@case("hard: odd names: upper case, blanks, quotes, a schema, two pairs on one table, from one old column", fast=True)
def odd_names(stage):
    database = stage.own("""CREATE SCHEMA "My Shop"; CREATE TABLE "My Shop"."new" ("a b" int, "I""d" int, "Sta'tus" int DEFAULT 1, "old" text, PRIMARY KEY ("I""d", "a b"));
        INSERT INTO "My Shop"."new" SELECT g, g % 3, g % 5 + 1, 'n' FROM generate_series(1, 500) g;""", r"""migration: small
about: Two pairs.
moves:
  - sql: ALTER TABLE "My Shop"."new" ADD COLUMN "sta te" text, ADD COLUMN "lev el" text
  - backfill:
      table: My Shop.new
      set: { sta te: "CASE \"Sta'tus\" WHEN 1 THEN '$1 open' WHEN 2 THEN 'pa''id' ELSE '\\ ${x' END" }
      back: { "Sta'tus": "CASE \"sta te\" WHEN '$1 open' THEN 1 WHEN 'pa''id' THEN 2 ELSE 4 END" }
      keep_in_sync: pair
  - backfill:
      table: My Shop.new
      set: { lev el: "'L' || \"Sta'tus\"" }
      back: { "Sta'tus": "substr(\"lev el\", 2)::int" }
      keep_in_sync: pair
limits: { batch: 100 }
""".replace("${x", "x"))
    before = database.fingerprint()
    database.up()

    def written(change, key=7):
        return database.sql(f"""UPDATE "My Shop"."new" SET {change} WHERE "a b" = {key} RETURNING "Sta'tus", "sta te", "lev el" """)
    expect_equal(written('''"Sta'tus" = 2'''), "2|pa'id|L2", "the old side changed")
    expect_equal(written('''"sta te" = '$1 open\''''), "1|$1 open|L1", "one new side changed")
    expect_equal(written('''"lev el" = 'L5\''''), "5|\\ x|L5", "the other new side changed")
    database.sql("""UPDATE "My Shop"."new" SET "sta te" = 'ar''chi"ved' WHERE "a b" = 9""")
    database.down()
    expect_equal(database.fingerprint()["catalog"], before["catalog"], "the catalog, there and back")
    database.up()
    expect_equal(database.sql("""SELECT "Sta'tus", "sta te", "lev el" FROM "My Shop"."new" WHERE "a b" = 9"""), "4|ar'chi\"ved|L4", "what came back")


@case("hard: every way to write: COPY, ON CONFLICT, MERGE, UPDATE FROM, prepared, with a user's triggers beside", fast=True)
def ways(stage):
    database = stage.own(TABLE + """CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.note = 'stop' THEN NEW.status := 5; END IF; RETURN NEW; END $$;
        CREATE TRIGGER "a before" BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION own();
        CREATE TABLE said (id int, status int); CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO said VALUES (NEW.id, NEW.status); RETURN NULL; END $$;
        CREATE TRIGGER after AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tell();""", migration())
    client = stage.session(database.url, "client")
    client.ask("PREPARE put(int, int) AS INSERT INTO t (id, status) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status RETURNING status;")
    database.up("expand")
    for round_ in ("before the backfill", "after the switch"):
        expect_equal(client.ask("EXECUTE put(8, 2);"), "2", f"a prepared upsert, {round_}")
        database.sql("COPY t (id, status) FROM STDIN;\n9001\t2\n9002\t5\n\\.\n")
        database.sql("COPY t (id, state) FROM STDIN;\n9003\tpaid\n9004\topen\n\\.\n")
        database.sql("INSERT INTO t (id, state) VALUES (12, 'paid'), (9005, 'paid') ON CONFLICT (id) DO UPDATE SET state = EXCLUDED.state")
        database.sql("UPDATE t SET state = v.s FROM (VALUES (13, 'open'), (14, 'paid')) v(i, s) WHERE t.id = v.i")
        database.sql("MERGE INTO t USING (VALUES (15, 'paid'), (9006, 'paid')) v(i, s) ON t.id = v.i WHEN MATCHED THEN UPDATE SET state = v.s "
                     "WHEN NOT MATCHED THEN INSERT (id, state) VALUES (v.i, v.s)")
        database.sql("UPDATE t SET status = 1, note = 'n' WHERE id = 16; UPDATE t SET note = 'stop', state = 'paid' WHERE id = 16")
        expect_equal(database.sql("SELECT id, status, state FROM t WHERE id IN (8, 12, 13, 14, 15, 16) OR id > 9000 ORDER BY id"),
                     "8|2|paid\n12|2|paid\n13|1|open\n14|2|paid\n15|2|paid\n16|5|closed\n9001|2|paid\n9002|5|closed\n9003|2|paid\n9004|1|open\n9005|2|paid\n9006|2|paid", round_)
        expect_equal(database.sql("SELECT count(*) FROM t JOIN (SELECT DISTINCT ON (id) * FROM said ORDER BY id, ctid DESC) s USING (id) WHERE s.status <> t.status"),
                     "0", "what the AFTER trigger was told")
        if round_ == "before the backfill":
            database.sql("DELETE FROM t WHERE id > 9000")
            database.up()


@case("hard: a pair with `where:`: rows outside of it are nobody's business")
def where(stage):
    database = stage.own(TABLE, migration(more="\n      where: id % 2 = 0"))
    before = database.fingerprint()
    database.up()
    expect_equal(database.sql("SELECT count(*) FILTER (WHERE state IS NULL AND id % 2 = 1), count(*) FILTER (WHERE state IS NULL) FROM t"), "1500|1500", "rows filled")
    expect_equal(database.sql("UPDATE t SET state = 'paid' WHERE id IN (7, 8) RETURNING id, status, state"), "7|3|paid\n8|2|paid", "the new side changed")
    expect_equal(database.sql("UPDATE t SET status = 1 WHERE id IN (7, 8) RETURNING id, status, state"), "7|1|paid\n8|1|open", "the old side changed")
    database.sql("UPDATE t SET status = 3 WHERE id = 7; UPDATE t SET status = 4 WHERE id = 8")
    database.sql("UPDATE t SET id = 10011 WHERE id = 10; UPDATE t SET status = 2 WHERE id = 10011")
    expect_equal(database.sql("UPDATE t SET id = 10 WHERE id = 10011 RETURNING status, state"), "2|paid", "a row that was outside for a while")
    database.down()
    database.up()
    expect_equal(database.sql("SELECT state FROM t WHERE id = 7"), "paid", "what was written outside of `where`")
    database.down()
    database.sql("UPDATE t SET status = id % 5 + 1")
    expect_equal(database.fingerprint()["catalog"], before["catalog"], "the catalog, there and back")


@case("hard: types: enum, domain, array, composite, numeric scale, NaN, and NOT NULL on both sides")
def types(stage):
    database = stage.own("""CREATE TYPE mood AS ENUM ('so', 'Good'); CREATE DOMAIN shout AS text CHECK (VALUE = upper(VALUE)); CREATE TYPE two AS (i int, t text);
        CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL, n numeric NOT NULL, tags text NOT NULL DEFAULT '', note text);
        INSERT INTO t SELECT g, (ARRAY['so', 'Good'])[g % 2 + 1], CASE g % 3 WHEN 0 THEN 'NaN' WHEN 1 THEN 1.50 ELSE -2 END, CASE WHEN g % 2 = 0 THEN '' ELSE 'x,y' END
        FROM generate_series(1, 200) g;""", """migration: small
about: Pairs.
moves:
  - sql: ALTER TABLE t ADD COLUMN m mood, ADD COLUMN loud shout, ADD COLUMN f float8, ADD COLUMN list text[], ADD COLUMN c two
  - backfill:
      table: t
      set: { m: "a::mood", loud: "upper(a)::shout", c: "ROW(1, a)::two" }
      back: { a: "m::text" }
      keep_in_sync: pair
  - backfill: { table: t, set: { f: "n::float8" }, back: { n: "f::numeric" }, keep_in_sync: pair }
  - backfill: { table: t, set: { list: "string_to_array(tags, ',')" }, back: { tags: "array_to_string(list, ',')" }, keep_in_sync: pair }
limits: { batch: 50 }
""")
    before = database.fingerprint()
    database.up()
    expect_equal(database.sql("UPDATE t SET f = 'NaN', list = '{q}', m = 'Good' WHERE id = 2 RETURNING a, m, n, f, tags, list"), "Good|Good|NaN|NaN|q|{q}", "the new side changed")
    expect_equal(database.sql("INSERT INTO t (id, m, f, list) VALUES (999, 'so', 'Infinity', '{}') RETURNING a, loud, n, tags"), "so||Infinity|", "an INSERT")
    expect_equal(database.sql("UPDATE t SET a = 'so', n = 2.50 WHERE id = 2 RETURNING m, loud, c, f"), 'so|SO|(1,so)|2.5', "the old side changed")
    database.down()
    expect_equal(database.fingerprint()["catalog"], before["catalog"], "the catalog, there and back")
    database.up()


@case("hard: kill -9 in the middle of the way up and back: sides agree, and what was kept comes back once")
def kills(stage):
    database = stage.own(TABLE, migration())
    before = database.fingerprint()["catalog"]
    for round_ in range(3):
        for command in (["run", "small", "--without-rehearsal", "--yes"], ["rollback", "small", "--yes"]):
            for tries in range(12):
                process = database.start(*command)
                if tries < 3:
                    try:
                        process.wait(stage.random.uniform(0.02, 0.25))
                    except subprocess.TimeoutExpired:
                        process.kill()
                process.communicate()
                if process.returncode == 3:
                    database.open_gate()
                if process.returncode in (0, 2):
                    break
            if command[0] == "run":
                expect_equal(database.status()["state"], "grace", "where it stands")
                expect_equal(database.sql(WRONG), "0", "rows that disagree")
                if round_:
                    expect_equal(database.sql("SELECT count(*), count(DISTINCT id) FROM t WHERE state = 'archived'"), "50|50", "what came back")
                database.sql("UPDATE t SET state = 'archived' WHERE id <= 50")
            else:
                expect_equal(database.status()["state"], "rolled_back", "where it stands")
                expect_equal(database.catalog(), before, "the catalog, there and back")
                expect_equal(database.sql("SELECT count(*), count(DISTINCT key) FROM segue.kept_row WHERE state = 'kept'"), "50|50", "values kept")


@case("hard: an application that writes all of its row each time keeps both sides right, and loses nothing, through rollback and run")
def storm(stage):
    """Both applications write while it goes up and back, each on rows of its own; every acknowledged write is looked up."""
    database = stage.own(TABLE, migration())
    last = {}

    def write(tag):
        number = int(tag.split("-")[0])
        row = stage.random.randrange(900) * 3 + number + 1
        if number < 2:
            value = stage.random.randint(1, 5)
            last[row] = (value, tag)
            return f"INSERT INTO t (id, status, note) VALUES ({row}, {value}, '{tag}') ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status, note = EXCLUDED.note RETURNING '{tag}';"
        return f"UPDATE t SET note = 'n' WHERE id = {row} RETURNING '{tag}';"
    writers = Writers(stage, database, 3, write)
    for _ in range(2):
        database.up()
        expect_equal(database.sql(WRONG), "0", "rows that disagree")
        database.down()
    writers.end()
    acknowledged = set(writers.acknowledged)
    told = dict(line.split("|") for line in database.sql("SELECT id, status FROM t").splitlines())
    wrong = [row for row, (value, tag) in last.items() if tag in acknowledged and told[str(row)] != str(value)]
    expect_equal(wrong, [], "rows that are not what the old application wrote last")
    return f"{len(acknowledged)} writes"


@case("hard: a column that follows from a pair's new one is right at once")
def chain(stage):
    database = stage.own(TABLE, pair("t", "state", "text", f'{{ state: "{F}" }}', f'{{ status: "{G}" }}', """  - sql: ALTER TABLE t ADD COLUMN alias text
  - backfill: { table: t, set: { alias: upper(state) }, keep_in_sync: derive }
"""))
    database.up()
    expect_equal(database.sql("UPDATE t SET status = 2 WHERE id = 7 RETURNING status, state, alias"), "2|paid|PAID", "the old side changed")
    expect_equal(database.sql("UPDATE t SET state = 'open' WHERE id = 7 RETURNING status, state, alias"), "1|open|OPEN", "the new side changed")


@case("hard: names that are long and not ASCII")
def umlauts(stage):
    old, new = "ü" * 31, "ä" * 31
    database = stage.own(f'CREATE TABLE "{old}" (id int PRIMARY KEY, "{old}" int); INSERT INTO "{old}" SELECT g, g FROM generate_series(1, 50) g;',
                         pair(f'"{old}"', f'"{new}"', "int", f"{{ {new}: '\"{old}\" + 1' }}", f"{{ {old}: '\"{new}\" - 1' }}").replace(f'table: "{old}"', f"table: {old}"))
    before = database.fingerprint()["catalog"]
    database.up()
    expect_equal(database.sql(f'UPDATE "{old}" SET "{new}" = 9 WHERE id = 1 RETURNING *'), "1|8|9", "the new side changed")
    database.down()
    expect_equal(database.fingerprint()["catalog"], before, "the catalog, there and back")


REFUSED = {
    "a generated column": ("ADD COLUMN gross int GENERATED ALWAYS AS (status * 2) STORED", "text", "{ new: \"gross || ' EUR'\" }", "{ status: 1 }"),
    "json": ("ADD COLUMN a json", "json", "{ new: a }", "{ a: new }"),
    "point": ("ADD COLUMN a point", "point", "{ new: a }", "{ a: new }"),
    "a default of its own": ("ALTER COLUMN status DROP DEFAULT", "text NOT NULL DEFAULT 'draft'", "{ new: status::text }", "{ status: new::int }"),
    "a volatile function in another schema": ("ALTER COLUMN note SET DEFAULT ''", "int", "{ new: lib.rnd() }", "{ status: new }"),
}


@case("hard: what the triggers could not keep right is refused by the plan, and what they can is not")
def refused(stage):
    for what, (change, type_, set_, back) in REFUSED.items():
        database = stage.own("CREATE SCHEMA lib; CREATE FUNCTION lib.rnd() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT (random() * 1e6)::int';"
                             + TABLE + f"ALTER TABLE t {change};", pair("t", "new", type_, set_, back))
        expect_equal(database.segue("plan", "small", code=None).code, 1, f"how plan ends: {what}")
    displaced = stage.own("CREATE TABLE o (id int PRIMARY KEY, tenant_id text DEFAULT 'x');", TENANCY.format(tables="o").replace("limits:", """      displace: { o: who }
  - sql: ALTER TABLE o ADD COLUMN whom text
  - backfill: { table: o, set: { whom: upper(tenant_id) }, back: { tenant_id: lower(whom) }, keep_in_sync: pair }
limits:"""))
    expect_equal(displaced.segue("plan", "small", code=None).code, 1, "how plan ends: a column that is displaced")
    database = stage.own("CREATE DOMAIN dn AS int NOT NULL;" + TABLE.replace("status int", "status dn"),
                         pair("t", "rate", "int", '{ rate: "100 / coalesce(status, 0)" }', '{ status: "100 / coalesce(rate, 0)" }'))
    database.segue("plan", "small")


@case("hard: an INSERT that says NULL for an old side that has a default")
def explicit_null(stage):
    database = stage.own(TABLE.replace("NOT NULL DEFAULT 1", "DEFAULT 1"), migration())
    database.up("expand")
    for _ in range(2):
        expect_equal(database.sql("INSERT INTO t (id, status) VALUES ((SELECT max(id) + 1 FROM t), NULL) RETURNING status, state"), "|closed", "NULL is said")
        expect_equal(database.sql("INSERT INTO t (id) VALUES ((SELECT max(id) + 1 FROM t)) RETURNING status, state"), "1|open", "nothing is said")
        database.up()


@case("hard: a rollback given up after its triggers went: what the old application wrote meanwhile is right")
def given_up(stage):
    database = stage.own(TABLE, migration())
    database.up()
    database.sql("UPDATE t SET state = 'archived' WHERE id = 9; CREATE VIEW w AS SELECT state FROM t")
    database.approve("new application withdrawn")
    expect_equal(database.segue("rollback", "small", "--yes", code=None).code, 5, "how the rollback ends")
    database.sql("UPDATE t SET status = 2 WHERE id = 7; INSERT INTO t (id, status) VALUES (9001, 2)")
    for _ in range(4):
        answer = database.segue("run", "small", "--give-up-rollback", "--yes", "--without-rehearsal", code=None)
        if answer.code != 3:
            break
        database.open_gate()
    expect_equal(answer.code, 0, f"how the run ends: {answer.err[-300:]}")
    expect_equal(database.sql("SELECT id, status, state FROM t WHERE id IN (7, 9, 9001) ORDER BY id"), "7|2|paid\n9|4|archived\n9001|2|paid", "the rows")


@case("hard: restore after contract goes through where the new application wrote NULL")
def restored_null(stage):
    database = stage.own(TABLE, migration())
    database.up()
    finish(database)
    database.sql("UPDATE t SET state = NULL WHERE id = 7")
    database.segue("restore", "small", "--yes")
    expect_equal(database.status()["state"], "grace", "where it stands")


@case("hard: a rule of the old shape, kept by a trigger of the user's, has the last word")
def frozen(stage):
    database = stage.own(TABLE + """CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.status := OLD.status; RETURN NEW; END $$;
        CREATE TRIGGER keep BEFORE UPDATE ON t FOR EACH ROW WHEN (OLD.note = 'frozen') EXECUTE FUNCTION keep();""", migration())
    database.up()
    database.sql("UPDATE t SET note = 'frozen' WHERE id = 7")
    expect_equal(database.sql("UPDATE t SET state = 'paid' WHERE id = 7 RETURNING status, state"), "3|closed", "a frozen row, whose new side is written")
