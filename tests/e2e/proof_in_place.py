"""`writers: none`: columns that change their meaning, where a row that is done twice is wrong. And whose triggers fire."""
import signal
import threading

from house import case, expect, expect_equal, wait_until

SCHEMA = """CREATE TABLE accounts (id serial PRIMARY KEY, owner text NOT NULL, balance bigint NOT NULL);
INSERT INTO accounts (owner, balance) SELECT 'owner ' || g, g %% 9973 FROM generate_series(1, %d) g; ANALYZE accounts;"""
MIGRATION = """migration: cents
about: x
moves:
  - backfill: { table: accounts, set: { balance: "balance * 100" }, back: { balance: "balance / 100" }, writers: none }
limits: { batch: 400 }
windows: { grace: 0s }
"""
UP = ("run", "cents", "--without-rehearsal", "--yes", "--to", "backfill")
DOWN = ("rollback", "cents", "--yes")


def total(database):
    return int(database.sql("SELECT sum(balance) FROM accounts"))


def with_kills(stage, database, command, kills):
    """Again and again until it ends by itself; how often it was killed."""
    killed = 0
    while True:
        process = database.start(*command)
        if killed < kills:
            before = database.sql("SELECT coalesce((SELECT sum(rows) FROM segue.backfill_range), 0)") if killed else "0"
            def moved():
                if process.poll() is not None or database.sql("SELECT to_regclass('segue.backfill_range') IS NOT NULL") != "t":
                    return process.poll() is not None
                return database.sql("SELECT coalesce(sum(rows), 0) FROM segue.backfill_range") != before
            wait_until(moved, "it carries")
            threading.Event().wait(stage.random.random() * 0.05)
        if killed < kills and process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=30)
            killed += 1
            continue
        err = process.communicate(timeout=60)[1]
        # Killed when all was done already: then there is nothing to be gone on with.
        if database.status()["state"] != "rolled_back":
            expect_equal(process.returncode, 0, err[-400:])
        return killed


@case("in place: killed again and again on both ways, each row is changed once and changed back once")
def killed(stage):
    database = stage.own(SCHEMA % 400000, MIGRATION.replace("batch: 400", "batch: 100"))
    before = total(database)
    kills = with_kills(stage, database, UP, 15)
    expect_equal(total(database), before * 100, "the sum")
    expect_equal(database.sql("SELECT sum(rows) FROM segue.backfill_range"), "400000", "rows in the ledger")
    kills += with_kills(stage, database, DOWN, 15)
    expect_equal(total(database), before, "the sum after the rollback")
    expect(kills >= 20, f"only {kills} kills")
    return f"{kills} kills"


@case("in place: half done it goes back as far as it was done; nobody can write until then", fast=True)
def half_way(stage):
    database = stage.own(SCHEMA % 200000, MIGRATION)
    before = total(database)
    process = database.start(*UP)
    wait_until(lambda: database.sql("SELECT to_regclass('segue.backfill_range') IS NOT NULL") == "t"
               and int(database.sql("SELECT coalesce(sum(rows), 0) FROM segue.backfill_range")) > 2000, "it carries")
    for write in ("UPDATE accounts SET balance = 0", "INSERT INTO accounts (owner, balance) VALUES ('x', 1)", "DELETE FROM accounts",
                  "TRUNCATE accounts", "SET session_replication_role = replica; DELETE FROM accounts"):
        said = database.sql(write, may_fail=True)
        expect("accounts takes no writes while segue changes its rows in place" in said, f"{write}: {said}")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    done = int(database.sql("SELECT count(*) FROM accounts WHERE balance <> id % 9973"))
    expect(0 < done < 199000, f"{done} rows were done")
    database.segue(*DOWN)
    expect_equal(total(database), before, "the sum after the rollback")
    database.sql("INSERT INTO accounts (owner, balance) VALUES ('x', 1)")
    database.segue(*UP)
    database.sql("INSERT INTO accounts (owner, balance) VALUES ('by the new application', 700)")
    database.segue(*DOWN)
    expect_equal(total(database), before + 1 + 7, "the sum, with what each application wrote in its own meaning")
    return f"{done} of 200000"


@case("in place: a value that would not come back is found before the first row is changed", fast=True)
def not_back(stage):
    database = stage.own(SCHEMA % 100, MIGRATION.replace("balance * 100", "balance / 100").replace('back: { balance: "balance / 100"', 'back: { balance: "balance * 100"'))
    said = database.segue(*UP, code=5).text
    expect("can be changed back" in said and "`back` must give each of these its old value" in said, said[-600:])
    expect_equal(database.sql("SELECT count(*) FROM accounts WHERE balance <> id % 9973"), "0", "rows that were changed")
    database.segue(*DOWN)


TRIGGERS = """CREATE TABLE t (id int PRIMARY KEY, a int, touched int DEFAULT 0); INSERT INTO t (id, a) SELECT g, g FROM generate_series(1, 500) g;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.touched := OLD.touched + 1; RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER touch_b BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch(); ANALYZE t;"""
WITH_TRIGGERS = """migration: own
about: x
moves:
  - sql: ALTER TABLE t ADD COLUMN b int
  - backfill: {{ table: t, set: {{ b: "a + 1" }}, keep_in_sync: {sync}{more} }}
"""


@case("own triggers: fire, skip, one of each, and one that is not there", fast=True)
def own_triggers(stage):
    for words, touched in (("", 0), (", triggers: { touch: skip, touch_b: skip }", 0), (", triggers: { touch: fire }", 500)):
        database = stage.own(TRIGGERS, WITH_TRIGGERS.format(sync="derive", more=words))
        said = database.segue("plan", "own").text
        database.segue("run", "own", "--without-rehearsal", "--yes", "--to", "backfill")
        expect_equal(database.sql("SELECT sum(touched) FROM t"), str(touched), f"what the triggers did{words}")
        expect_equal(database.sql("SELECT count(*) FROM t WHERE b = a + 1"), "500", "rows that are right")
        expect(("touch_b of t fires too" in said) == (touched > 0), said[-300:])
    for words, hint in ((", triggers: { touch: skip, touch_b: fire }", "a session fires all triggers of a table or none"),
                        (", triggers: { tuch: skip }", "t has no trigger 'tuch'"), (", key: [a]", "(a) is no key of t"),
                        (", writers: none", "nothing to be kept in sync")):
        database = stage.own(TRIGGERS, WITH_TRIGGERS.format(sync="derive", more=words))
        said = database.segue("plan", "own", code=None).text
        expect(hint in said, f"{words}: {said[-400:]}")


@case("on_disagreement: refuse raises where both sides are written and contradict each other, and nowhere else", fast=True)
def refuse(stage):
    database = stage.own(TRIGGERS, WITH_TRIGGERS.format(sync="pair", more=', back: { a: "b - 1" }, on_disagreement: refuse'))
    database.segue("run", "own", "--without-rehearsal", "--yes", "--to", "validate")
    said = database.sql("UPDATE t SET a = 5, b = 50 WHERE id = 1", may_fail=True)
    expect("a and b of t were written and contradict each other" in said.replace('"', ""), said)
    said = database.sql("INSERT INTO t (id, a, b) VALUES (1000, 5, 50)", may_fail=True)
    expect("contradict" in said, said)
    for write, row in (("UPDATE t SET a = 5, b = 6 WHERE id = 1", "5|6"), ("UPDATE t SET a = 7 WHERE id = 1", "7|8"),
                       ("UPDATE t SET b = 70 WHERE id = 1", "69|70"), ("UPDATE t SET touched = 1 WHERE id = 1", "69|70")):
        database.sql(write)
        expect_equal(database.sql("SELECT a, b FROM t WHERE id = 1"), row, write)
