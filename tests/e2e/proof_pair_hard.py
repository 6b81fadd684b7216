"""Pairs where it is hard: lossy and rounding maps, NULLs, odd names and types, triggers of the user's own, the way back."""
import subprocess

from house import case, expect, expect_equal
from proof_pair import F, G, TABLE, migration
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
    database = stage.own(TABLE, pair("orders", "state", "text", "{ state: \"" + F.replace("status", "orders.status") + '" }',
                                     "{ status: \"" + G.replace("state", "orders.state") + '" }'))
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
    expect_equal(written("""\"Sta'tus\" = 2""".replace("\\", "")), "2|pa'id|L2", "the old side changed")
    expect_equal(written("""\"sta te\" = '$1 open'""".replace("\\", "")), "1|$1 open|L1", "one new side changed")
    expect_equal(written("""\"lev el\" = 'L5'""".replace("\\", "")), "5|\\ x|L5", "the other new side changed")
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
        database.sql("UPDATE t SET note = 'stop', state = 'paid' WHERE id = 16")
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
                expect_equal(database.sql(f"SELECT count(*) FROM t WHERE state IS NULL OR NOT (state IS NOT DISTINCT FROM ({F}) OR status IS NOT DISTINCT FROM ({G}))"), "0", "rows that disagree")
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
        expect_equal(database.sql(f"SELECT count(*) FROM t WHERE state IS NULL OR NOT (state IS NOT DISTINCT FROM ({F}) OR status IS NOT DISTINCT FROM ({G}))"), "0", "rows that disagree")
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


@case("hard: a pair on a column that is displaced: the plan says no, or it is right")
def displaced(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY, tenant_id text DEFAULT 'x'); INSERT INTO o SELECT g, 'x' || g FROM generate_series(1, 50) g;",
                         TENANCY.format(tables="o").replace("limits:", """      displace: { o: who }
  - sql: ALTER TABLE o ADD COLUMN whom text
  - backfill: { table: o, set: { whom: upper(tenant_id) }, back: { tenant_id: lower(whom) }, keep_in_sync: pair }
limits:"""))
    if database.segue("plan", "small", code=None).code == 1:
        return "the plan refuses it"
    database.up()
    expect_equal(database.sql("UPDATE o SET whom = 'QQ' WHERE id = 7 RETURNING who, whom, tenant_id"), "qq|QQ|1", "the new side changed")


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
