"""The server is far away: 30 ms each way. Locks are held no longer for it, and the applications, which are near, feel nothing."""
import json
import signal
import time

import deals
from applications import MOST_MS, Application, check_journals
from house import Database, case, expect, expect_equal, psql, wait_until
from journeys import MOVES, only_in_soak
from netns import Line
from proof_way_back import OF_SECOND, SECOND
from proxy import Proxy

FAR_MS = 30


def small_deals(stage):
    """Few rows, and each application has rows of its own."""
    database = deals.modern(deals.own(stage, 400))
    deals.traffic(database, "old").write_text(deals.OLD.replace("LIMIT 400", "LIMIT 100"))
    deals.traffic(database, "new").write_text(deals.NEW.replace("LIMIT 400 OFFSET 5000", "LIMIT 200 OFFSET 100"))
    return database


class Far:
    """The program goes through the proxy, everybody else straight to the server."""

    def __init__(self, stage, database):
        self.database, self.near = database, database.url
        self.proxy = Proxy(stage, database.url, FAR_MS)

    def __call__(self, what, *arguments):
        self.database.url = self.proxy.url
        try:
            return what(*arguments)
        finally:
            self.database.url = self.near


def worst(applications):
    return f"{sum(one.statements for one in applications)} statements, 0 failed, longest stall by segue {max(one.stall for one in applications):.0f} ms"


@case("latency: up, back and up again through 60 ms, while both applications work beside the server")
def whole_way(stage):
    only_in_soak()
    database = small_deals(stage)
    far = Far(stage, database)
    old_file, new_file = deals.traffic(database, "old"), deals.traffic(database, "new")
    old = [Application(stage, database, old_file, protocol, rate=100, connections=2) for protocol in ("prepared", "simple")]
    started = time.monotonic()
    far(database.up, "expand")
    new = [Application(stage, database, new_file, rate=100, connections=2)]
    far(database.up)
    up = time.monotonic() - started
    new[0].works(10)
    new[0].stop()
    started = time.monotonic()
    far(database.down)
    down = time.monotonic() - started
    far(database.up)
    for one in old:
        one.works(10)
        one.stop()
    check_journals(database, old_file, [one.journal for one in old])
    return f"up {up:.0f} s, back {down:.0f} s; {worst([*old, *new])}"


BUSY = """traffic: busy
about: Writes the same rows over and over.
load: {{ connections: 4, rate: 200 }}
pools:
  row: SELECT id FROM {table} WHERE id > 0 ORDER BY id LIMIT 40
statements:
  - name: write
    weight: 1
    sql: UPDATE {table} SET {column} = {column} WHERE id = $1
    params: [{{ pool: row }}]
"""


def busy(stage, database, table, column):
    """Writes the first rows of a table all the while, and must not wait for what segue does with them."""
    file = stage.folder / f"busy-{table}.yaml"
    file.write_text(BUSY.format(table=table, column=column))
    return Application(stage, database, file, rate=200, connections=4, writes=False)


def longest_stall(application):
    """In ms, for a lock of segue's; no statement failed."""
    application.process.send_signal(signal.SIGINT)
    report = json.loads(application.process.communicate(timeout=60)[0])
    expect(report["failed"] == 0, f"{report['failed']} statements failed: {report['by_sqlstate']} {report.get('samples')}")
    return max((one["longest_ms"] for one in report["stalls"] if one["blocked_by"] == "segue"), default=0)


def pair(stage, rows=300):
    return stage.own(f"CREATE TABLE accounts (id int PRIMARY KEY, status int NOT NULL DEFAULT 1, name text); INSERT INTO accounts SELECT "
                     f"g, 1 + g % 4, 'a' FROM generate_series(1, {rows}) g; CREATE TABLE journal (said text);",
                     "migration: small\nabout: x\nmoves:\n" + MOVES + "limits: { lock_deadline: 20s }\n")


@case("latency: rows and values that are set aside and come back: nobody waits over a round trip")
def kept(stage):
    """Somebody writes the very rows that are set aside, and those that come back."""
    only_in_soak()
    database = pair(stage)
    far = Far(stage, database)
    database.up()
    database.sql(f"{SECOND} INSERT INTO accounts (id, name, tenant_id) SELECT -g, 'theirs', {OF_SECOND} FROM generate_series(1, 20) g; "
                 "UPDATE accounts SET state = 'archived' WHERE id BETWEEN 1 AND 20;")
    stalls = {}
    writer = busy(stage, database, "accounts", "name")
    far(database.down)
    stalls["back"] = longest_stall(writer)
    writer = busy(stage, database, "accounts", "name")
    far(database.up)
    stalls["up"] = longest_stall(writer)
    expect_equal(database.sql("SELECT count(*) FROM segue.kept_row WHERE state <> 'restored'"), "0", "rows still kept")
    told = ", ".join(f"{way} {longest:.0f} ms" for way, longest in stalls.items())
    expect(max(stalls.values()) <= MOST_MS, f"somebody waited longer than {MOST_MS} ms for us: {told}")
    return f"longest stall by segue: {told}"


@case("latency: something that is to be dropped is gone already: the rest is done without holding the table over round trips")
def gone(stage):
    database = pair(stage)
    far = Far(stage, database)
    database.up()
    database.sql("DROP TRIGGER IF EXISTS \"~segue_out\" ON accounts; ALTER TABLE accounts DROP CONSTRAINT fk_accounts_tenant")
    writer = busy(stage, database, "accounts", "name")
    far(database.down)
    longest = longest_stall(writer)
    expect(longest <= MOST_MS, f"somebody waited {longest:.0f} ms for us")
    return f"longest stall by segue {longest:.0f} ms"


@case("latency: contract and restore through 60 ms, the new application beside the server")
def contract(stage):
    only_in_soak()
    database = small_deals(stage)
    far = Far(stage, database)
    database.up()
    new = Application(stage, database, deals.traffic(database, "new"), rate=150, connections=3)
    far(database.segue, "finish", "small", "--yes")
    new.works(5)
    far(database.segue, "restore", "small", "--yes")
    new.works(5)
    new.stop()
    return worst([new])


def silent(stage, batches):
    only_in_soak()
    line = Line(stage)
    made = pair(stage, 20)
    psql(line.cluster.url("postgres"), "CREATE DATABASE far")
    database = Database(stage, line.cluster.url("far"), made.project)
    database.migration = "small"
    database.sql(f"CREATE TABLE accounts (id int PRIMARY KEY, status int NOT NULL DEFAULT 1, name text); INSERT INTO accounts SELECT g, 1 "
                 f"+ g % 4, 'a' FROM generate_series(1, {400000 if batches else 20}) g; CREATE TABLE journal (said text)")
    reader = stage.session(database.url, "reader")
    if not batches:
        reader.ask("BEGIN; SELECT count(*) FROM accounts;")
    run = ("run", "small", "--without-rehearsal", "--yes", "--to", "backfill")
    process = line.start(database, *run)
    if batches:
        wait_until(lambda: database.sql("SELECT to_regclass('segue.backfill_range')") and
                   database.sql("SELECT coalesce(sum(rows), 0) > 500 FROM segue.backfill_range") == "t", "it carries rows")
    else:
        wait_until(lambda: "waiting" in process.stderr.readline(), "it waits for the reader")
    line.swallow()
    started = time.monotonic()
    reader.ask("COMMIT;")
    while (code := database.segue(*run, code=None, seconds=100).code) == 4 and time.monotonic() - started < 90:
        pass  # told that somebody runs
    over = time.monotonic() - started
    expect_equal(code, 0, f"the exit code of the one that takes over, after {over:.0f} s")
    expect(over < 32 + (10 if batches else 0), f"taking over took {over:.1f} s")
    wait_until(lambda: process.poll() is not None, "the one without a line ends", 60)
    ended = time.monotonic() - started
    expect_equal(process.returncode, 4, "its exit code")
    return f"done by another after {over:.1f} s, the one without a line ended after {ended:.1f} s"


@case("latency: a line that swallows everything: a runner that waits is taken over within 30 s, and ends by itself")
def silent_waiting(stage):
    return silent(stage, False)


@case("latency: a line that swallows everything: a runner at its batches is taken over within 30 s, and ends by itself")
def silent_working(stage):
    return silent(stage, True)
