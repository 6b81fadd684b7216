"""A backfill that is watched, tuned, held still and paused while it runs, by several workers; and what it leaves behind."""
import os
import signal

from house import LeftOut, case, expect, expect_equal, psql, wait_until
from proof_server_stop import Cluster, free_port

SCHEMA = """CREATE TABLE w (id bigserial PRIMARY KEY, title text NOT NULL, amount int NOT NULL, pad text DEFAULT repeat('x', 150));
INSERT INTO w (title, amount) SELECT 'order ' || g, g %% 977 FROM generate_series(1, %d) g; ANALYZE w;"""
MIGRATION = """migration: small
about: x
moves:
  - sql: ALTER TABLE w ADD COLUMN total int
  - backfill: {{ table: w, set: {{ total: "amount * 2 + length(title)" }}, keep_in_sync: derive }}
{more}windows: {{ grace: 0s }}
"""
RUN = ("run", "small", "--without-rehearsal", "--yes", "--to", "backfill")
RIGHT = "SELECT count(*) FROM w WHERE total IS DISTINCT FROM amount * 2 + length(title)"


def own(stage, rows=60000, more=""):
    return stage.own(SCHEMA % rows, MIGRATION.format(more=more))


def slow(stage, rows, more=""):
    """Each row takes some tenths of a millisecond."""
    return stage.own(SCHEMA % rows, MIGRATION.replace("length(title)", "length(title) + 0 * length(md5(repeat(title, 3000)))").format(more=more))


def carried(database):
    if database.sql("SELECT to_regclass('segue.backfill_range') IS NOT NULL") != "t":
        return 0
    return int(database.sql("SELECT coalesce(sum(rows), 0) FROM segue.backfill_range"))


def progress(database):
    return database.status()["progress"] or {}


@case("backfill: set, status, watch, pause and resume while it runs; it goes on to where it was going", fast=True)
def tuned(stage):
    database = slow(stage, 60000, more="limits: { workers: 1, batch: 100 }\n")
    process = database.start(*RUN)
    wait_until(lambda: carried(database) > 200, "it carries")
    answer = database.segue("set", "workers=3", "batch=200")
    expect("workers is 3 until it ends" in answer.text, answer.text)
    wait_until(lambda: progress(database).get("workers") == 3, "it is heard")
    watch = database.start("watch", "--until-it-stops")
    database.segue("pause")
    err = process.communicate(timeout=30)[1]
    expect(process.returncode == 4 and "paused, as asked" in err, f"it ended with {process.returncode}: {err[-300:]}")
    said = watch.communicate(timeout=30)[0]
    expect("small  running, backfill" in said and "next: segue run small" in said, f"watch said: {said}")
    before = carried(database)
    expect(0 < before < 60000, f"{before} rows are carried")
    database.segue("set", "batch=auto", "workers=auto")
    database.segue("resume", "--yes")
    expect_equal(database.status()["completed"], "backfill", "where it went")
    expect_equal(database.sql(RIGHT), "0", "rows that are not right")
    expect_equal(carried(database), 60000, "rows carried, each once")
    for bad in (("set", "worker=3"), ("set", "workers=0"), ("set", "batch"), ("set", "wal_rate=fast")):
        database.segue(*bad, code=2)
    database.down()
    database.segue("resume", "--yes", code=2)
    database.segue("set", "workers=3", code=2)


@case("backfill: spot-check shows records side by side, and finds one that is wrong", fast=True)
def spot_check(stage):
    database = own(stage, 300)
    database.segue("spot-check", code=2)
    database.up("backfill")
    said = database.segue("spot-check", "--records", 5).text
    expect("5 records looked at, 0 wrong" in said and "→  total" in said, said)
    table = database.segue("spot-check", "--records", 300, "--json").json()[0]
    expect_equal(len({one["key"] for one in table["records"]}), 300, "different records")
    database.sql("ALTER TABLE w DISABLE TRIGGER USER; UPDATE w SET total = 1 WHERE id = 7; ALTER TABLE w ENABLE TRIGGER USER;")
    said = database.segue("spot-check", "--records", 300, code=1).text
    expect("300 records looked at, 1 wrong" in said and "expected 21" in said, said[-300:])
    expect_equal(database.sql("SELECT count(*) FROM segue.event WHERE code = 'spot-check'"), "3", "looks in the ledger")


@case("backfill: workers whose sessions are ended go on from the ledger, and every row is carried once")
def ended_sessions(stage):
    database = slow(stage, 60000, more="limits: { workers: 4, batch: 100 }\n")
    process = database.start(*RUN)
    ended = 0
    while process.poll() is None and ended < 12:
        found = database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'segue worker' AND datname = "
                             "current_database() ORDER BY random() LIMIT 1")
        ended += found == "t"
        before = carried(database)
        wait_until(lambda: process.poll() is not None or carried(database) > before, "it goes on")
    err = process.communicate(timeout=120)[1]
    expect_equal(process.returncode, 0, f"the exit code ({err[-400:]})")
    expect(ended >= 5, f"only {ended} sessions were ended")
    expect_equal(carried(database), 60000, "rows carried, each once")
    expect_equal(database.sql(RIGHT), "0", "rows that are not right")
    return f"{ended} sessions ended"


@case("backfill: a killed runner's workers change nothing more, and the next one carries each row once")
def killed(stage):
    database = slow(stage, 60000, more="limits: { workers: 3, batch: 100 }\n")
    kills = 0
    while True:
        process = database.start(*RUN)
        before = carried(database)
        wait_until(lambda: process.poll() is not None or carried(database) > before + 8000, "it carries")
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
    expect_equal(process.returncode, 0, "the exit code of the last")
    expect(kills >= 3, f"only {kills} kills")
    expect_equal(carried(database), 60000, "rows carried, each once")
    expect_equal(database.sql(RIGHT), "0", "rows that are not right")
    return f"{kills} kills"


@case("backfill: a standby that falls behind holds it still; it says so and goes on; one that goes away holds it too")
def standby(stage):
    cluster = Cluster(stage)
    folder = cluster.folder / "standby"
    tool = cluster.programs / "pg_basebackup"
    if not os.access(tool, os.X_OK):
        raise LeftOut("there is no pg_basebackup beside the server")
    database = slow(stage, 10, more="limits: { replication_lag: 1s, batch: 100 }\n")
    psql(cluster.url("postgres"), "CREATE DATABASE shop")
    database.url = cluster.url("shop")
    database.sql(SCHEMA % 150000)
    cluster.run("pg_basebackup", "-d", cluster.url("postgres"), "-D", folder, "-R", "-c", "fast")
    port = free_port()
    with open(folder / "postgresql.conf", "a", encoding="utf8") as conf:
        conf.write(f"port = {port}\n")
    start = ("pg_ctl", "-D", folder, "-l", cluster.folder / "standby.log", "-w", "start")
    cluster.run(*start)
    stage.at_end(lambda: cluster.run("pg_ctl", "-D", folder, "-m", "immediate", "stop", check=False))
    wait_until(lambda: database.sql("SELECT state FROM pg_stat_replication") == "streaming", "the standby streams")
    there = f"postgresql://postgres@127.0.0.1:{port}/shop"
    process = database.start(*RUN)
    wait_until(lambda: carried(database) > 500, "it carries")

    def held(words):
        wait_until(lambda: words in progress(database).get("held", "") or process.poll() is not None, f"it holds still: {words}", 20)
        expect(process.poll() is None, f"it has ended: {process.poll() is not None and process.communicate()[1][-300:]}")
        now = carried(database)
        database.sql("SELECT pg_sleep(0.5)")
        expect(carried(database) <= now + 200, "it carries on although it says that it holds still")

    psql(there, "SELECT pg_wal_replay_pause()")
    held("replication lag")
    before = carried(database)
    psql(there, "SELECT pg_wal_replay_resume()")
    wait_until(lambda: carried(database) > before + 500 or process.poll() is not None, "it goes on", 20)
    cluster.run("pg_ctl", "-D", folder, "-m", "immediate", "stop")
    held("cannot be read any more")
    before = carried(database)
    database.segue("set", "throttle=off")
    err = process.communicate(timeout=120)[1]
    expect_equal(process.returncode, 0, f"the exit code ({err[-300:]})")
    expect("holds still: replication lag" in err, f"it does not say why: {err[-600:]}")
    expect_equal(database.sql(RIGHT), "0", "rows that are not right")
    return f"held at {before} of 150000"


@case("backfill: wal_rate holds it to that rate, and the table does not double")
def wal_rate(stage):
    database = own(stage, 300000, more="limits: { wal_rate: 20MB }\n")
    size = int(database.sql("SELECT pg_table_size('w')"))
    began = database.sql("SELECT pg_current_wal_lsn()")
    database.up("expand")
    database.segue(*RUN)
    step = "SELECT extract(epoch FROM finished_at - started_at) FROM segue.step WHERE kind = 'backfill'"
    seconds = float(database.sql(step))
    written = float(database.sql(f"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '{began}')")) / 2**20
    grown = int(database.sql("SELECT pg_table_size('w')")) / size
    expect(written / seconds < 40, f"{written:.0f} MB in {seconds:.1f} s")
    expect(grown < 1.75, f"the table has grown to {grown:.2f} of what it was")
    expect_equal(database.sql(RIGHT), "0", "rows that are not right")
    return f"{written:.0f} MB in {seconds:.1f} s; the table has {grown:.2f} of its size"


JOIN = """migration: small
about: x
moves:
  - sql: ALTER TABLE w ADD COLUMN customer text
  - backfill: {{ table: w, set: {{ customer: c.name }}, from: customers c, where: c.id = w.amount, keep_in_sync: {sync} }}
windows: {{ grace: 0s }}
"""
CUSTOMERS = "CREATE TABLE customers (id int, name text); INSERT INTO customers SELECT g, 'customer ' || g FROM generate_series(1, 900) g;"


@case("backfill: values of another table; two sources for one row are found before the first is carried", fast=True)
def from_another(stage):
    database = stage.own(SCHEMA % 3000 + CUSTOMERS, JOIN.format(sync="no"))
    before = database.fingerprint()
    database.sql("INSERT INTO customers VALUES (7, 'another customer 7')")
    answer = database.segue(*RUN, code=5)
    expect("one source of customer for each row" in answer.text, answer.text[-600:])
    database.sql("DELETE FROM customers WHERE name = 'another customer 7'")
    database.segue(*RUN)
    expect_equal(database.sql("SELECT count(*), count(customer), count(*) FILTER (WHERE customer = 'customer ' || amount) FROM w"),
                 database.sql("SELECT 3000, count(*), count(*) FROM w WHERE amount BETWEEN 1 AND 900"), "rows with a customer")
    database.down()
    database.sql("DROP TABLE IF EXISTS nothing")
    expect_equal(database.fingerprint(), before, "catalog and data after the way back")
    database = stage.own(SCHEMA % 10 + CUSTOMERS, JOIN.format(sync="derive"))
    expect("source triggers" in database.segue("plan", "small").text, "the plan does not follow the customers")
