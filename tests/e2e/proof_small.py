"""Small migrations of our own: odd names, odd keys, odd tables, each up to grace and back with equal fingerprints."""
import house
from house import case, expect, expect_equal
from proof_way_back import TENANCY


def up_and_back(database, each=None):
    before = database.fingerprint()
    database.up()
    if each:
        each()
    database.down()
    after = database.fingerprint()
    expect_equal(after["catalog"], before["catalog"], "the catalog, there and back")
    expect_equal(after["data"], before["data"], "the data, there and back")
    database.expect_clean()


KEYS = {
    "no_key": ("a int, b text", "g, 'x'"),
    "no_key_twice": ("a int", "1"),
    "by_uuid": ("id uuid PRIMARY KEY DEFAULT gen_random_uuid(), t text", None),
    "by_three": ("a int, b text, c date, PRIMARY KEY (b, c, a)", "g, 'b' || g % 7, date '2026-01-01' + g % 40"),
    "by_text": ("k text PRIMARY KEY", "'Ä' || g || ' ''b'"),
    "by_time": ("k timestamptz PRIMARY KEY", "now() + g * interval '1 microsecond'"),
    "by_char": ("k char(6) PRIMARY KEY", "lpad(g::text, 6)"),
    "by_float": ("k float8 PRIMARY KEY", "g / 7.0"),
    "by_numeric": ("k numeric PRIMARY KEY", "CASE WHEN g = 1 THEN 'NaN' ELSE g / 7.0 END"),
    "by_bigint": ("k bigint PRIMARY KEY", "9223372036854775807 - g"),
    "by_negative": ("k int PRIMARY KEY", "500 - g"),
    "by_unique": ("k int NOT NULL UNIQUE, t text", "g, 'x'"),
    "by_nullable": ("k int UNIQUE", "CASE WHEN g % 3 = 0 THEN NULL ELSE g END"),
    "empty": ("id int PRIMARY KEY", None),
    "one_row": ("id int PRIMARY KEY", None),
}


def keyed_tables():
    text = ""
    for table, (columns, row) in KEYS.items():
        text += f"CREATE TABLE {table} ({columns});\n"
        if row:
            text += f"INSERT INTO {table} SELECT {row} FROM generate_series(1, 1200) g;\n"
    return text + ("INSERT INTO by_uuid (t) SELECT 'x' FROM generate_series(1, 1200); INSERT INTO one_row VALUES (1);")


@case("small: a backfill of tables with every sort of key", fast=True)
def keys_backfill(stage):
    moves = "".join(f"""  - sql: ALTER TABLE {table} ADD COLUMN filled text;
  - backfill: {{ table: {table}, set: {{ filled: "'yes'" }}, keep_in_sync: derive }}
""" for table in KEYS)
    database = stage.own(keyed_tables(), f"migration: small\nabout: A new column.\nmoves:\n{moves}limits: {{ batch: 100 }}\n")

    def filled():
        for table in KEYS:
            expect_equal(database.sql(f"SELECT count(*) FROM {table} WHERE filled IS DISTINCT FROM 'yes'"), "0",
                         f"rows of {table} that were not carried")
    up_and_back(database, filled)


@case("small: a tenancy of tables with every sort of key")
def keys_tenancy(stage):
    database = stage.own(keyed_tables(), TENANCY.format(tables=", ".join(KEYS)))

    def filled():
        for table in KEYS:
            expect_equal(database.sql(f"SELECT count(*) FROM {table} WHERE tenant_id IS DISTINCT FROM (SELECT id FROM tenants)"),
                         "0", f"rows of {table} without a tenant")
    up_and_back(database, filled)


@case("small: names that need quotes, in another schema, beside values that need care", fast=True)
def names(stage):
    database = stage.own("""CREATE SCHEMA "My Shop";
        CREATE TABLE "My Shop"."Order Items" ("Id" int PRIMARY KEY, "Weird" text, "select" int, "50%" text);
        INSERT INTO "My Shop"."Order Items" SELECT g, 'A' || g, g, '$1' FROM generate_series(1, 777) g;
        CREATE TABLE "user" ("group" uuid PRIMARY KEY DEFAULT gen_random_uuid(), "%s" int, "${x}" text);
        INSERT INTO "user" ("%s") SELECT g FROM generate_series(1, 300) g;""", """migration: small
about: Names that need quotes.
moves:
  - sql: |
      CREATE TABLE "Ten ants" ("Id" uuid PRIMARY KEY DEFAULT gen_random_uuid(), "Code" text UNIQUE NOT NULL, name text);
      ALTER TABLE "My Shop"."Order Items" ADD COLUMN "lo wer" text;
  - backfill: { table: My Shop.Order Items, set: { lo wer: "lower(\\"Weird\\") || '%s $1 $$'" }, keep_in_sync: derive }
  - tenancy:
      root: Ten ants
      first: { Code: "100% $1 O'Neil \\\\ x", name: "ü {} $segue$ ;--" }
      column: ten ant
      tables: [My Shop.Order Items, user]
      index: { user: [["%s"]] }
      unique: { My Shop.Order Items: [[Weird]] }
limits: { batch: 100 }
""")

    def right():
        expect_equal(database.sql('SELECT "Code", name FROM "Ten ants"'), "100% $1 O'Neil \\ x|ü {} $segue$ ;--", "the first tenant")
        expect_equal(database.sql('SELECT count(*) FROM "My Shop"."Order Items" WHERE "lo wer" = lower("Weird") || \'%s $1 $$\' '
                                  'AND "ten ant" = (SELECT "Id" FROM "Ten ants")'), "777", "rows that are right")
        database.sql('INSERT INTO "My Shop"."Order Items" VALUES (1000, \'NEW\')')
        expect_equal(database.sql('SELECT "lo wer" FROM "My Shop"."Order Items" WHERE "Id" = 1000'), "new%s $1 $$", "a new row")
        database.sql('DELETE FROM "My Shop"."Order Items" WHERE "Id" = 1000')
    up_and_back(database, right)


@case("small: names of 63 bytes that agree in the first 60")
def long_names(stage):
    stem = "a_very_long_table_name_that_goes_on_for_ever_and_ever_amen_"
    one, other = stem + "AAAA", stem + "AAAB"
    moves = "".join(f"""  - sql: ALTER TABLE "{table}" ADD COLUMN filled text;
  - backfill: {{ table: {table}, set: {{ filled: "'yes'" }}, keep_in_sync: derive }}
""" for table in (one, other))
    database = stage.own("".join(f'CREATE TABLE "{table}" (id int PRIMARY KEY, t text); INSERT INTO "{table}" SELECT g, \'x\' FROM '
                                 "generate_series(1, 100) g;" for table in (one, other)),
                         TENANCY.format(tables=f"{one}, {other}").replace("limits:", f"""      index: {{ {one}: [[tenant_id, t]], {other}: [[tenant_id, t]] }}
{moves}limits:"""))
    up_and_back(database)


@case("small: two tables whose names run into their columns' names")
def glued_names(stage):
    moves = "".join(f"""  - sql: ALTER TABLE {table} ADD COLUMN {column} text;
  - backfill: {{ table: {table}, set: {{ {column}: "'yes'" }}, keep_in_sync: derive }}
""" for table, column in (("a", "b_c"), ("a_b", "c")))
    database = stage.own("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE a_b (id int PRIMARY KEY);",
                         f"migration: small\nabout: A new column.\nmoves:\n{moves}")
    up_and_back(database)


TOUCH = """CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := clock_timestamp(); RETURN NEW; END $$;
    CREATE TABLE o (id int PRIMARY KEY, title text, updated_at timestamptz DEFAULT now());
    INSERT INTO o SELECT g, 'T' || g FROM generate_series(1, 500) g;
    CREATE TRIGGER touch BEFORE UPDATE ON o FOR EACH ROW EXECUTE FUNCTION touch();"""


def touched(database):
    """The data may not change; or the plan says that they do, by the name of the trigger."""
    plan = database.segue("plan", database.migration, code=None)
    if "touch" in plan.text:
        return "the plan tells"
    up_and_back(database)
    return "nothing was touched"


@case("small: a backfill and a trigger that keeps updated_at")
def touch_backfill(stage):
    return touched(stage.own(TOUCH, """migration: small
about: A new column.
moves:
  - sql: ALTER TABLE o ADD COLUMN lower_title text;
  - backfill: { table: o, set: { lower_title: lower(title) }, keep_in_sync: derive }
"""))


@case("small: a tenancy and a trigger that keeps updated_at, by an owner who is no superuser")
def touch_tenancy(stage):
    database = stage.own(TOUCH, TENANCY.format(tables="o"))
    admin, host, name = database.url, database.url.split("@", 1)[1], database.url.rsplit("/", 1)[1]
    database.sql(f"""DO $$ BEGIN CREATE ROLE e2e_owner LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN END $$;
        ALTER TABLE o OWNER TO e2e_owner; ALTER FUNCTION touch() OWNER TO e2e_owner; GRANT CREATE ON SCHEMA public TO e2e_owner;
        GRANT CREATE ON DATABASE "{name}" TO e2e_owner;""")
    database.url = f"postgresql://e2e_owner:x@{host}"
    try:
        return touched(database)
    finally:
        database.url = admin
        database.sql("DROP OWNED BY e2e_owner CASCADE", may_fail=True)


@case("small: tables that a tenancy cannot be made of are found by plan")
def unfit(stage):
    for schema, what in (("CREATE TABLE o (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE o1 PARTITION OF o FOR VALUES FROM "
                          "(0) TO (10);", "a partitioned table"), ("CREATE VIEW o AS SELECT 1 AS id;", "a view"),
                         ("CREATE MATERIALIZED VIEW o AS SELECT 1 AS id;", "a materialized view")):
        database = stage.own(schema, TENANCY.format(tables="o"))
        before = database.fingerprint()
        answer = database.segue("plan", "small", code=None)
        if answer.code == 0 and "partitioned" in what:
            up_and_back(database)  # where it can be done it must be done wholly
            continue
        expect(answer.code == 1, f"{what}: plan ended with {answer.code}, and run would find out half-way")
        expect_equal(database.fingerprint(), before, "catalog and data after a plan")


@case("small: a table that goes half-way does not close the way back")
def dropped(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY); INSERT INTO o SELECT generate_series(1, 50); CREATE TABLE p (id int);",
                         TENANCY.format(tables="o, p"))
    database.up("expand")
    database.sql("DROP TABLE p")
    database.segue("run", "small", "--without-rehearsal", "--yes", code=5)
    answer = database.segue("rollback", "small", "--yes", code=None)
    expect(answer.code == 0, f"rollback ended with {answer.code}: {answer.err[-400:]}")
    expect_equal(database.sql("SELECT count(*) FROM information_schema.columns WHERE column_name = 'tenant_id'"), "0", "columns left")


@case("small: rubbish in the ledger is an error in words, never a crash")
def rubbish(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY); INSERT INTO o SELECT generate_series(1, 50);", TENANCY.format(tables="o"))
    database.up("backfill")
    tried = 0
    for change in ("UPDATE segue.migration_history SET plan = '{}'", "UPDATE segue.migration_history SET plan = '[1]'",
                   "UPDATE segue.migration_history SET plan = jsonb_set(plan, '{steps}', '[]')",
                   "UPDATE segue.migration_history SET completed = 'nonsense', phase = 'x'", "DELETE FROM segue.step WHERE ordinal > 2",
                   "TRUNCATE segue.step CASCADE", "UPDATE segue.backfill_range SET cursor = 'nonsense', state = 'running'",
                   "UPDATE segue.ledger_version SET version = 99", "TRUNCATE segue.ledger_version", "DROP TABLE segue.event",
                   "DROP TABLE segue.runner", "UPDATE segue.step SET undone_actions = 99, state = 'undoing'"):
        for command in (["status"], ["rollback", "small", "--yes", "--to", "expand"],
                        ["run", "small", "--without-rehearsal", "--yes", "--to", "validate"]):
            copy = database.url.rsplit("/", 1)[1]
            # Each command meets the rubbish alone: what it does to it is taken back with the copy.
            tried += 1
            place = stage.own_copy(database)
            place.sql(change)
            answer = place.segue(*command, code=None)
            expect(answer.code in (0, 1, 2, 3, 4, 5), f"{change}: `{answer.command}` ended with {answer.code} on {copy}")
            expect("terminate" not in answer.err and "exception" not in answer.err.lower(), f"{change}: {answer.err[-400:]}")
    return f"{tried} commands"


@case("small: a statement that must read a large table under a strong lock is not tried over and over")
def scan_under_lock(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY, t text); INSERT INTO o SELECT g, md5(g::text) FROM generate_series(1, "
                         "500000) g; INSERT INTO o SELECT g, md5(g::text) FROM generate_series(500001, 700000) g;", """migration: small
about: An index.
moves:
  - sql: CREATE INDEX o_t ON o (t);
limits: { lock_deadline: 20s }
""")
    writer = stage.session(database.url, "writer")
    writer.ask("SELECT 1;")
    run = database.start("run", "small", "--without-rehearsal", "--yes")
    blocked = looks = 0
    while run.poll() is None:
        looks += 1
        blocked += writer.ask("SET lock_timeout = '1ms'; UPDATE o SET t = t WHERE id = 5;").startswith("ERROR")
    err = run.stderr.read()
    expect(run.returncode in (0, 1) or "longer than" in err, f"run ended with {run.returncode}: {err[-400:]}")
    expect(blocked <= looks // 4, f"a writer was blocked at {blocked} of {looks} moments")
    return f"exit {run.returncode}, a writer was blocked at {blocked} of {looks} moments"


@case("small: a sync trigger never lets a statement of the application fail", fast=True)
def trigger_never_raises(stage):
    """Whatever the search_path and the rights of who writes, and whatever the user's own function raises."""
    move = """migration: small
about: A new column.
moves:
  - sql: ALTER TABLE app.o ADD COLUMN slug text
  - sql: ALTER TABLE app.o ADD COLUMN said text
  - backfill: { table: app.o, set: { slug: slug(t) }, keep_in_sync: derive }
  - backfill: { table: app.o, set: { said: "(SELECT v FROM dict WHERE k = t)" }, keep_in_sync: derive }
"""
    database = stage.own("""CREATE SCHEMA app; CREATE TABLE app.o (id int PRIMARY KEY, t text); INSERT INTO app.o SELECT g, 'T' FROM
        generate_series(1, 100) g; CREATE TABLE dict (k text PRIMARY KEY, v text); INSERT INTO dict VALUES ('T', 'word');
        CREATE FUNCTION slug(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF $1 = 'bad' THEN RAISE EXCEPTION 'bad slug';
        END IF; RETURN lower($1); END $$; REVOKE EXECUTE ON FUNCTION slug(text) FROM PUBLIC;
        DO $$ BEGIN CREATE ROLE e2e_app LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN END $$;
        GRANT USAGE ON SCHEMA app TO e2e_app; GRANT SELECT, INSERT, UPDATE ON app.o TO e2e_app;""", move)
    plan = database.segue("plan", "small", code=None)
    if plan.code == 1:
        return "the plan refuses it"  # a subquery reads another table: what changes there would be stale
    database.up()
    application = f"postgresql://e2e_app:x@{database.url.split('@', 1)[1]}"
    for path in ("app", "app, public", "public"):
        for value in ("T", "bad", "other"):
            said = house.psql(application, f"SET search_path = {path}; INSERT INTO app.o (id, t) VALUES ((SELECT max(id) + 1 FROM "
                                           f"app.o), '{value}'); UPDATE app.o SET t = t WHERE t = '{value}'", may_fail=True)
            expect(not said, f"search_path {path}, value {value}: the application's statement fails: {said[:300]}")
    database.sql("DROP OWNED BY e2e_app")
