"""Neighbours that hold what we want: nobody waits for us, we say who it is, and at the deadline nothing has changed."""
import re
import subprocess
import threading
import time

from applications import Application
from house import case, environment, expect, expect_equal, wait_until

PINGER = """traffic: pinger
load: { connections: 4, rate: 200 }
statements:
  - { name: read, sql: SELECT status FROM work_orders WHERE id = (SELECT min(id) FROM work_orders), rows: 1 }
  - name: write
    sql: UPDATE work_orders SET status = status WHERE id = (SELECT min(id) FROM work_orders) RETURNING id, status
    rows: 1
    journal: { table: work_orders, kind: update, key: { id: returned.id }, set: { status: returned.status } }
"""


def pinger(stage, database):
    """Reads and writes work_orders all the while. What counts is how long they wait for us, which the driver sees in
    the server; the longest answer is told too, but a busy machine has its part in it."""
    file = stage.folder / "pinger.yaml"
    file.write_text(PINGER)
    return Application(stage, database, file)


def nobody_waited(application):
    report = application.stop()
    times = [f"{one['name']} p99 {one['latency']['p99']:.0f} max {one['latency']['max']:.0f} ms"
             for one in report["by_statement"]]
    return f"{report['statements']} pings, longest stall by segue {application.stall:.0f} ms; {', '.join(times)}"


def held_by(stage, holding):
    """A run to expand meets somebody who holds work_orders for 8 s; nobody else waits meanwhile."""
    database = stage.database()
    holder = stage.session(database.url, "long report")
    holder.ask(holding)
    pings = pinger(stage, database)
    run = database.start("run", database.migration, "--without-rehearsal", "--yes", "--to", "expand")
    held = time.monotonic()
    wait_until(lambda: time.monotonic() - held > 8 or run.poll() is not None, "8 s have passed")
    expect(run.poll() is None, f"it did not wait for the holder: {run.returncode}")
    holder.ask("COMMIT;")
    _, err = run.communicate(timeout=60)
    expect_equal(run.returncode, 0, f"the exit code ({err[-300:]})")
    expect("long report" in err, f"who holds it is not said: {err[-600:]}")
    return nobody_waited(pings)


@case("neighbours: an idle reader holds work_orders for 8 s during expand")
def reader(stage):
    return held_by(stage, "BEGIN; SELECT count(*) FROM work_orders;")


@case("neighbours: a long writer holds work_orders for 8 s during expand")
def writer(stage):
    return held_by(stage, "BEGIN; UPDATE work_orders SET status = status WHERE id BETWEEN 100 AND 3000;")


@case("neighbours: a writer holds rows while they are carried; the backfill waits for them alone")
def rows(stage):
    database = stage.database()
    database.up("expand")
    holder = stage.session(database.url, "long writer")
    holder.ask("BEGIN; UPDATE work_orders SET status = status WHERE id = (SELECT id FROM work_orders ORDER BY id DESC "
               "OFFSET 50 LIMIT 1);")
    pings = pinger(stage, database)
    run = database.start("run", database.migration, "--without-rehearsal", "--yes", "--to", "backfill")
    key = database.sql("SELECT id FROM work_orders ORDER BY id DESC OFFSET 100 LIMIT 1")
    wait_until(lambda: database.sql(f"SELECT client_id_next FROM work_orders WHERE id = {key}"), "the rows before it are carried")
    holder.ask("COMMIT;")
    _, err = run.communicate(timeout=60)
    expect_equal(run.returncode, 0, f"the exit code ({err[-300:]})")
    expect_equal(database.sql("SELECT count(*) FROM work_orders WHERE client_id_next IS NULL"), "0", "rows not carried")
    return nobody_waited(pings)


@case("neighbours: pg_dump runs at the same time")
def dump(stage):
    database = stage.database()
    before = database.fingerprint()
    dumps = []
    def dumping():
        while len(dumps) < 3:
            done = subprocess.run(["pg_dump", "-d", database.url, "-f", str(stage.folder / "dump.sql")], text=True,
                                  capture_output=True, env=environment(), check=False)
            dumps.append(done)
    thread = threading.Thread(target=dumping)
    thread.start()
    database.up()
    database.down()
    thread.join()
    for done in dumps:
        # A table may go between its listing and its lock: that is pg_dump's way, and not a wait.
        expect(done.returncode == 0 or "does not exist" in done.stderr or "could not obtain" in done.stderr or
               "cache lookup" in done.stderr, f"pg_dump: {done.stderr}")
    expect_equal(database.fingerprint(), before, "catalog and data, there and back beside pg_dump")
    return f"{sum(done.returncode == 0 for done in dumps)} of {len(dumps)} dumps"


def with_deadline(stage, database, seconds):
    """A copy of the project whose migration gives up sooner."""
    import pathlib
    import shutil
    project = stage.folder / "impatient"
    shutil.copytree(database.project, project)
    file = next(pathlib.Path(project).glob("migrations/*/migration.yaml"))
    text = file.read_text()
    changed = re.sub(r"limits: \{ ", f"limits: {{ lock_deadline: {seconds}s, ", text)
    expect(changed != text, "the example's limits are not where they were")
    file.write_text(changed)
    database.project = project


@case("neighbours: at the lock deadline it stops with 4, names who holds it, and nothing has changed", fast=True)
def deadline(stage):
    database = stage.database()
    with_deadline(stage, database, 2)
    holder = stage.session(database.url, "forgotten psql")
    holder.ask("BEGIN; SELECT count(*) FROM users;")
    run = ["run", database.migration, "--without-rehearsal", "--yes", "--to", "expand"]
    done = database.segue(*run, code=4)
    for word in ("forgotten psql", "idle in transaction", "users"):
        expect(word in done.err, f"'{word}' is not said: {done.err[-800:]}")
    expect_equal(database.sql("SELECT count(*) FROM information_schema.columns WHERE table_name = 'users' AND column_name "
                              "= 'client_id'"), "0", "columns that it made all the same")
    expect_equal(database.status()["state"], "stopped", "the state")
    holder.ask("COMMIT;")
    database.segue(*run)


@case("neighbours: on the way back too a reader is waited for without anybody behind us")
def way_back(stage):
    """Every step of the way back that needs a strong lock meets a reader of its table."""
    database = stage.database()
    database.up("validate")
    ending = []
    def reading(table):
        session = stage.session(database.url, "reader")
        while not ending:
            session.ask(f"BEGIN; SELECT count(*) FROM {table}; SELECT pg_sleep(0.6); COMMIT; SELECT pg_sleep(0.1);")
    threads = [threading.Thread(target=reading, args=(table,)) for table in ("users", "work_orders", "clients")]
    for thread in threads:
        thread.start()
    pings = pinger(stage, database)
    try:
        database.segue("rollback", database.migration, "--yes", seconds=180)
    finally:
        ending.append(True)
        for thread in threads:
            thread.join()
    return nobody_waited(pings)
