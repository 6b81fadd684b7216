"""What other tools were seen to lose, as scenarios of ours: each ends with nothing lost, and says what is the matter."""
import signal
import threading

import deals
from applications import MOST_MS, Application, check_journals
from house import case, expect, expect_equal, wait_until

ROWS = 60000
CONVERT = """migration: small
about: The stage gets a type.
moves:
  - convert: { table: deals, column: amount, to: bigint, as: cents, using: "(amount * 100)::bigint", back: "cents / 100.0" }
windows: { grace: 0s }
limits: { batch: 1000 }
"""
EQUAL = "SELECT count(*) FROM deals WHERE cents IS DISTINCT FROM (amount * 100)::bigint"


@case("peers: killed in the middle of a backfill and then told to complete: it does not, and every value arrives")
def killed_then_complete(stage):
    database = deals.own(stage, 3 * ROWS, CONVERT)
    run = database.start("run", "small", "--without-rehearsal", "--yes")
    wait_until(lambda: int(database.sql("SELECT coalesce(sum(r.rows), 0) FROM segue.backfill_range r", may_fail=True) or 0) > ROWS // 50
               if database.sql("SELECT to_regclass('segue.backfill_range') IS NOT NULL") == "t" else False, "some are carried")
    run.send_signal(signal.SIGKILL)
    run.wait()
    left = int(database.sql(EQUAL))
    expect(left > 0, "it was not in the middle")
    database.segue("finish", "small", "--yes")
    expect_equal(database.sql(EQUAL.replace("amount", "segue_trash_amount")), "0", "rows without their value after all")
    database.segue("restore", "small", "--yes")
    expect_equal(database.sql(EQUAL), "0", "rows without their value after the restore")


@case("peers: an expression that fails for a row stops with that row's key; nothing is lost, all of it goes back", fast=True)
def broken_expression(stage):
    database = deals.own(stage, 3000, CONVERT.replace('"(amount * 100)::bigint"', '"(100000 / (amount - 1500))::bigint"').replace("cents / 100.0", "100000.0 / cents + 1500"))
    before = database.fingerprint()
    done = database.segue("run", "small", "--without-rehearsal", "--yes", code=5)
    expect("division by zero" in done.text and "1500" in done.text, done.text)
    expect_equal(database.sql("SELECT count(*), count(amount) FROM deals"), "3000|3000", "what the old application sees")
    database.segue("finish", "small", "--yes", code=5)
    database.down()
    expect_equal(database.fingerprint(), before, "catalog and data after the way back")


@case("peers: four writers at work while it starts: no statement fails")
def writers_while_starting(stage):
    database = deals.own(stage, ROWS, CONVERT)
    file = deals.traffic(database, "old")
    writers = [Application(stage, database, file, rate=400, connections=1) for _ in range(4)]
    for _ in range(2):
        database.up("expand")
        for one in writers:
            one.works(10)
        database.down()
    for one in writers:
        one.stop()
    check_journals(database, file, [one.journal for one in writers])


@case("peers: a completion that fails leaves both shapes working, and goes on when its cause is gone", fast=True)
def failed_complete(stage):
    database = deals.own(stage, 500, CONVERT)
    database.up()
    database.sql("CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF current_query() LIKE '%segue_trash%' THEN RAISE 'not today'; END IF; END $$;"
                 "CREATE EVENT TRIGGER no ON ddl_command_start EXECUTE FUNCTION no()")
    done = database.segue("finish", "small", "--yes", code=5)
    expect("not today" in done.text and "segue restore" in done.text, done.text)
    database.sql("UPDATE deals SET stage = 'won' WHERE id = 1; UPDATE deals SET cents = 5 WHERE id = 2; SELECT amount, cents FROM deals")
    database.sql("DROP EVENT TRIGGER no; DROP FUNCTION no()")
    database.segue("restore", "small", "--yes")
    expect_equal(database.sql("SELECT amount = 0.05 FROM deals WHERE id = 2"), "t", "what was written while it stood there, in the old shape")
    database.segue("finish", "small", "--yes")


@case("peers: a reader that sits in its transaction is named, and keeps nobody else waiting")
def idle_reader(stage):
    database = deals.own(stage, 5000, CONVERT)
    file = deals.traffic(database, "old")
    writers = [Application(stage, database, file, rate=300) for _ in range(2)]
    reader = stage.session(database.url, "report of the month")
    reader.ask("BEGIN; SELECT count(*) FROM deals;")
    run = database.start("run", "small", "--without-rehearsal", "--yes")
    said = []
    threading.Thread(target=lambda: said.extend(iter(run.stderr.readline, "")), daemon=True).start()
    wait_until(lambda: any("report of the month" in line for line in said), "it says who is in the way")
    # Thousands of statements go through beside it; what they waited for us is measured by the applications themselves.
    for one in writers:
        one.works(100)
    expect(run.poll() is None, "it did not wait")
    reader.ask("COMMIT;")
    run.wait(60)
    expect_equal(run.returncode, 0, "the exit code")
    for one in writers:
        one.stop()
        expect(one.stall <= MOST_MS, f"a statement waited {one.stall} ms for us")
    check_journals(database, file, [one.journal for one in writers])
