"""Who is in the way: named, waited for, and ended only where the person who runs it has said so."""
import signal

from house import case, expect, expect_equal, wait_until
from proof_way_back import TENANCY

TABLE = "CREATE TABLE o (id int PRIMARY KEY, t text); INSERT INTO o SELECT g, 'x' FROM generate_series(1, 500) g;"


@case("blockers: a session that sits in its transaction is ended on demand, and only then", fast=True)
def ended(stage):
    database = stage.own(TABLE, TENANCY.format(tables="o"))
    reader = stage.session(database.url, "forgotten")
    reader.ask("BEGIN; SELECT count(*) FROM o;")
    run = database.start("run", "small", "--without-rehearsal", "--yes", "--to", "expand")
    wait_until(lambda: "forgotten" in run.stderr.readline() or run.poll() is not None, "it names who is in the way")
    expect(run.poll() is None, "it did not wait")
    expect_equal(database.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'forgotten'"), "1", "the session lives")
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=30)
    expect_equal(run.returncode, 4, "the exit code after Ctrl-C")
    database.segue("run", "small", "--yes", "--to", "expand", "--cancel-blockers-after", "1")
    expect_equal(database.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'forgotten'"), "0", "the session at the end")
    expect_equal(database.sql("SELECT count(*) FROM segue.event WHERE code = 'blocker-ended'"), "1", "what the ledger says of it")


@case("blockers: an index that waits for an old transaction says for whom, and can be stopped", fast=True)
def index_waits(stage):
    migration = TENANCY.format(tables="o").replace("limits:", "      index: { o: [[t]] }\nlimits:")
    database = stage.own(TABLE, migration)
    database.up("backfill")
    writer = stage.session(database.url, "old writer")
    writer.ask("BEGIN; UPDATE o SET t = 'y' WHERE id = 1;")
    run = database.start("run", "small", "--without-rehearsal", "--yes", "--to", "validate")
    wait_until(lambda: "old writer" in run.stderr.readline() or run.poll() is not None, "it names whom the index waits for")
    expect(run.poll() is None, "it did not wait")
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=30)
    expect_equal(run.returncode, 4, "the exit code after Ctrl-C")
    writer.ask("COMMIT;")
    database.up("validate")
    expect_equal(database.sql("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0", "invalid indexes that are left")
    expect_equal(database.sql("SELECT count(*) FROM pg_indexes WHERE indexname = 'idx_o_t'"), "1", "the index")
