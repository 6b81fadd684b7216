"""Renamed tables and converted columns: both shapes work until contract, and everything comes back."""
import deals
from applications import Application, check_journals
from house import LeftOut, case, expect, expect_equal, psql, sandbox


@case("rename: a table, a column and a type, there and back, contract and restore and purge", fast=True)
def whole_way(stage):
    database = deals.modern(deals.own(stage))
    before = database.fingerprint()
    database.up()
    database.sql("INSERT INTO opportunities (title, stage_kind) VALUES ('a', 'proposal'); INSERT INTO deals (name, stage) VALUES ('b', 'won');")
    expect_equal(database.sql("SELECT stage, name, stage_kind, title FROM deals WHERE id > 2000 ORDER BY id"),
                 "offer|a|proposal|a\nwon|b|closed_won|b", "both shapes of what was written since")
    database.sql("DELETE FROM deals WHERE id > 2000")
    grace = database.fingerprint()
    database.segue("finish", "small", "--yes")
    names = database.sql("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname ~ '^(deals|opportunities)'")
    expect_equal(names, "opportunities opportunities_amount_idx opportunities_id_seq opportunities_note_key opportunities_pkey", "names after the contract")
    database.sql("INSERT INTO opportunities (title, stage_kind) VALUES ('c', 'lead')")
    database.segue("restore", "small", "--yes")
    expect_equal(database.sql("SELECT stage, name FROM deals WHERE id > 2000"), "new|c", "what was written after the contract, in the old shape")
    database.sql("DELETE FROM deals WHERE id > 2000")
    expect_equal(database.fingerprint(), grace, "catalog and data after the restore")
    database.down()
    expect_equal(database.fingerprint(), before, "catalog and data after the way back")
    database.up()
    database.segue("finish", "small", "--yes")
    database.segue("purge", "small", "--yes")
    columns = database.sql("SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'opportunities'::regclass AND attnum > 0 AND NOT attisdropped")
    expect_equal(columns, "id amount note stage_kind title", "columns after the purge")


@case("rename: old and new application at work, up, back and up again, in both protocols: no failure, every write right")
def at_work(stage):
    database = deals.modern(deals.own(stage, 20000))
    old_file, new_file = deals.traffic(database, "old"), deals.traffic(database, "new")
    old = [Application(stage, database, old_file, protocol) for protocol in ("prepared", "simple")]
    database.up("expand")
    new = [Application(stage, database, new_file, protocol) for protocol in ("prepared", "simple")]
    database.up()
    for one in (*old, *new):
        one.works(20)
    for one in new:
        one.stop()
    database.down()
    for one in old:
        one.works(20)
    database.up()
    for one in old:
        one.stop()
    check_journals(database, old_file, [one.journal for one in old])
    new.append(Application(stage, database, new_file))
    database.segue("finish", "small", "--yes")
    new[-1].works(20)
    new[-1].stop()
    check_journals(database, new_file, [new[-1].journal])
    expect(sum(one.written for one in (*old, *new)) > 100, "hardly anything was written")


@case("rename: what cannot be carried is refused with its name, before anything runs", fast=True)
def refused(stage):
    cases = [
        ("CREATE VIEW v AS SELECT stage FROM deals", "hangs-on-it", "view public.v"),
        ("CREATE POLICY p ON deals USING (stage <> 'x')", "hangs-on-it", "policy p"),
        ("CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM deals'", "body-follows-name", "function public.f()"),
        ("CREATE UNIQUE INDEX u ON deals (lower(stage), id)", "column-is-a-key", "index u"),
        ("UPDATE deals SET stage = 'lost' WHERE id < 4", "mapping-incomplete", "lost (3)"),
        ("GRANT SELECT (id) ON deals TO PUBLIC", "rights-by-column", "(id)"),
        ("CREATE TABLE opportunities (id int)", "name-taken", "opportunities"),
        ("ALTER TABLE deals ADD COLUMN title text", "column-exists", "title")]
    for sql, code, words in cases:
        database = deals.modern(deals.own(stage, 50))
        database.sql(sql)
        found = database.segue("plan", "small", "--json", code=1).json()["findings"]
        expect(any(one["code"] == code and words in one["message"] for one in found), f"{sql}: {found}")


@case("rename: a function that the migration makes anew, a quoted name, a foreign owner and rights are carried", fast=True)
def carried(stage):
    schema = """CREATE ROLE "own er" ; CREATE ROLE reader;
    CREATE TABLE "de""als" (id int PRIMARY KEY, "st age" int); INSERT INTO "de""als" VALUES (1, 1), (2, NULL);
    GRANT SELECT ON "de""als" TO reader WITH GRANT OPTION; GRANT INSERT ON "de""als" TO PUBLIC; ALTER TABLE "de""als" OWNER TO "own er";
    CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM "de""als"'"""
    migration = """migration: small
about: x
moves:
  - rename: { table: 'de"als', to: 'op"s' }
  - rename: { table: 'de"als', column: st age, to: 'st"age' }
  - sql: CREATE OR REPLACE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM "op""s"'
    phase: contract
    undo: CREATE OR REPLACE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM "de""als"'
windows: { grace: 0s }
"""
    stage.at_end(lambda: psql(sandbox(None).admin_url, 'DROP ROLE IF EXISTS "own er", reader', may_fail=True))
    database = deals.modern(stage.own(schema, migration))
    try:
        database.up()
        rights = """SELECT string_agg(privilege_type || ' ' || CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE grantee::regrole::text END || is_grantable, ', ' ORDER BY privilege_type)
            FROM pg_class c, aclexplode(relacl) WHERE oid = '"%s"'::regclass AND grantee <> relowner AND privilege_type IN ('SELECT', 'INSERT')"""
        expect_equal(database.sql(rights % 'op""s'), database.sql(rights % 'de""als'), "rights on the view")
        expect_equal(database.sql("""SELECT relowner::regrole FROM pg_class WHERE oid = '"op""s"'::regclass"""), '"own er"', "its owner")
        database.sql('INSERT INTO "op""s" VALUES (3, 9)')
        database.segue("finish", "small", "--yes")
        expect_equal(database.sql("SELECT f()"), "3", "the function")
        database.segue("restore", "small", "--yes")
        expect_equal(database.sql("SELECT f()"), "3", "the function after the restore")
    finally:
        database.sql('DROP OWNED BY "own er", reader')


@case("rename: on 14 a table cannot be renamed, and the plan says why", fast=True)
def too_old(stage):
    database = deals.own(stage, 10)
    if int(database.sql("SHOW server_version_num")) >= 150000:
        raise LeftOut("this server is newer")
    found = database.segue("plan", "small", "--json", code=1).json()["findings"]
    expect(any(one["code"] == "needs-15" for one in found), str(found))
