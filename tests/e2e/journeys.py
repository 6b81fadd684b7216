"""Journeys that are disturbed on the way: a system with every sort of move, and what can happen to a command of segue.

A journey goes on with the same command until it is where it goes, and must end as an undisturbed one does.
"""
import os
import threading
import time

import deals
from house import LeftOut, Wrong, expect, expect_equal, psql, sandbox
from outside import HttpPeer
from proxy import AFTER, BEFORE, WITHOUT_WAITING, Proxy

SCHEMA = deals.SCHEMA + """CREATE TABLE accounts (id int PRIMARY KEY, status int NOT NULL DEFAULT 1, name text, parent_id int REFERENCES accounts);
INSERT INTO accounts SELECT g, 1 + g %% 4, 'account ' || g, nullif(g / 2, 0) FROM generate_series(1, %d) g;
CREATE TABLE journal (said text); ANALYZE accounts;
"""
MOVES = """  - sql: INSERT INTO journal VALUES ('once')
    undo: DELETE FROM journal WHERE ctid = (SELECT min(ctid) FROM journal)
  - sql: ALTER TABLE accounts ADD COLUMN state text
  - backfill:
      table: accounts
      set: { state: "CASE status WHEN 1 THEN 'open' WHEN 2 THEN 'paid' ELSE 'closed' END" }
      back: { status: "CASE state WHEN 'open' THEN 1 WHEN 'paid' THEN 2 ELSE 4 END" }
      keep_in_sync: pair
  - sql: CREATE INDEX CONCURRENTLY accounts_state ON accounts (state)
    phase: validate
  - sql: CREATE TABLE tenants (id serial PRIMARY KEY, code text UNIQUE NOT NULL);
  - tenancy: { root: tenants, first: { code: FIRST }, column: tenant_id, tables: [accounts] }
"""
# What only the new shape can express; a rollback sets it aside, the next run brings it back.
NEW_ROWS = """BEGIN; INSERT INTO tenants (code) VALUES ('SECOND'); INSERT INTO accounts (id, status, name, parent_id, tenant_id, state)
  SELECT 100000 + g, 1, 'theirs', nullif(100000 + g / 2, 100000), (SELECT id FROM tenants WHERE code = 'SECOND'), 'open'
  FROM generate_series(1, 40) g; UPDATE accounts SET state = 'archived' WHERE id % 50 = 7 AND id < 100000; COMMIT;"""


def only_in_soak():
    """For what takes too long for each day: bench/soak plays it, and whoever says so."""
    if not os.environ.get("SEGUE_LONG"):
        raise LeftOut("it is long: SEGUE_LONG=1, or ./dev soak")


def system(stage, rows=1500, peer=None, grace="0s"):
    """Renames and a conversion of a table, a pair, an index, a tenancy, and hooks."""
    peer = peer or HttpPeer(stage)
    text = deals.MIGRATION.replace("windows:", MOVES + f"""hooks:
  - {{ after: switch, http: {{ url: "{peer.url}/told", method: POST }} }}
  - {{ before: grace, command: [sh, -c, 'true'] }}
windows:""").replace("limits: {", "limits: { batch: 100,").replace("grace: 0s, trash: 0s", f"grace: {grace}, trash: 0s")
    if int(psql(sandbox(None).admin_url, "SHOW server_version_num")) < 150000:
        text = text.replace("  - rename: { table: deals, to: opportunities }\n", "")  # needs 15
    database = stage.own(SCHEMA % (rows, rows), text)
    database.peer = peer
    return database


def carried(database):
    """Rows that the backfills of the newest run carried: each row once, however often they were interrupted."""
    return database.sql("SELECT string_agg(ordinal || ': ' || s.rows, ', ' ORDER BY ordinal) FROM segue.step s WHERE kind = 'backfill' "
                        "AND run_id = (SELECT max(id) FROM segue.migration_history)")


def state_of(database):
    if not database.sql("SELECT to_regclass('segue.migration_history')"):
        return ""
    return database.sql("SELECT state FROM segue.migration_history ORDER BY id DESC LIMIT 1")


def ledger_is_consistent(database, undone):
    """Each step done or undone once, no range open, nothing kept that should have come back."""
    newest = "run_id = (SELECT max(id) FROM segue.migration_history)"
    steps = database.sql(f"SELECT DISTINCT state FROM segue.step WHERE {newest} AND phase <> 'contract' ORDER BY 1")
    expect_equal(steps in ("undone", "pending\nundone") if undone else steps, True if undone else "done", f"states of the steps ({steps})")
    twice = database.sql("SELECT run_id, code, message, count(*) FROM segue.event WHERE code IN ('step-done', 'step-undone') AND message NOT "
                         "LIKE 'contract-%' AND NOT EXISTS (SELECT FROM segue.event t WHERE t.run_id = event.run_id AND t.code = "
                         "'turned-round') GROUP BY 1, 2, 3 HAVING count(*) > 1")
    expect_equal(twice, "", "steps that the ledger says were done twice")
    if not undone:
        open_ranges = database.sql(f"SELECT count(*) FROM segue.backfill_range r JOIN segue.step s ON s.id = step_id WHERE s.{newest} "
                                   "AND r.state NOT IN ('done', 'right')")
        expect_equal(open_ranges, "0", "ranges that are open")
        expect_equal(database.sql("SELECT count(*) FROM segue.kept_row WHERE state <> 'restored'"), "0", "rows still kept")


class Road:
    """A database, a proxy before it, and the counts of what was done to the commands that went through it."""

    def __init__(self, stage, database, kinds=None, longest=1.5, commits=40):
        self.stage, self.database, self.random = stage, database, stage.random
        self.proxy = Proxy(stage, database.url)
        self.kinds = kinds or ["cut", "kill", "end", BEFORE, WITHOUT_WAITING, AFTER]
        self.longest, self.commits = longest, commits  # of an undisturbed command
        self.met, self.slowest = {}, 0.0

    @property
    def total(self):
        return sum(self.met.values())

    def told(self):
        return ", ".join(f"{count} {kind}" for kind, count in sorted(self.met.items())) + f"; slowest command {self.slowest:.1f} s"

    def start(self, *arguments):
        direct, self.database.url = self.database.url, self.proxy.url
        try:
            return self.database.start(*arguments)
        finally:
            self.database.url = direct

    def disturb(self, *arguments):
        """Starts the command and does one thing to it, drawn at random. Its exit code."""
        kind = self.random.choice(self.kinds)
        return self.disturb_at(self.random.randrange(1, self.commits + 1), kind, *arguments)

    def disturb_at(self, number, kind, *arguments):
        when = self.random.random() * self.longest
        self.proxy.leave_alone()
        if kind in (BEFORE, WITHOUT_WAITING, AFTER):
            self.proxy.cut_at_commit(number, kind)
        started = time.monotonic()
        process = self.start(*arguments)
        said = []
        reader = threading.Thread(target=lambda: said.append(process.communicate()))
        reader.start()
        met = False
        if kind in ("cut", "kill", "end"):
            reader.join(when)  # the moment is what is random here
            met = process.poll() is None and self.strike(kind, process)
        reader.join(60)
        if reader.is_alive():
            raise Wrong(f"`segue {' '.join(arguments)}` hangs after {kind}: {self.database.sql(ACTIVITY)}")
        met = met or (kind in (BEFORE, WITHOUT_WAITING, AFTER) and self.proxy.cuts > 0)
        self.proxy.leave_alone()
        self.slowest = max(self.slowest, time.monotonic() - started)
        if met:
            self.met[kind] = self.met.get(kind, 0) + 1
        self.check_end(kind if met else "nothing", process.returncode, "".join(said[0]), arguments)
        return process.returncode

    def strike(self, kind, process):
        if kind == "kill":
            process.kill()
            return True
        if kind == "cut":
            return self.proxy.cut_all()
        whom = self.random.choice(["LIKE 'segue%'", "= 'segue'", "= 'segue observer'", "= 'segue heartbeat'"])
        return self.database.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
                                 f"AND application_name {whom}") != "0"

    def check_end(self, kind, code, said, arguments):
        shown = f"`segue {' '.join(arguments)}` after {kind}"
        if kind == "kill":
            return
        allowed = (0, 2, 3) if kind == "nothing" else (0, 2, 3, 4)
        nothing_begun = code == 5 and kind in ("cut", "end") and "cannot connect" in said
        expect(code in allowed or nothing_begun, f"{shown} ended with {code}: {said.strip()[-900:]}")
        if code == 4:
            for word in ("run the same command again", "lost" if "ledger knows" not in said else "ledger"):
                expect(word in said, f"{shown} does not say '{word}': {said.strip()[-900:]}")

    def go_on(self, arguments, arrived, disturbances):
        """The same command until it has arrived; so many times something is done to it on the way."""
        for turn in range(100):
            if state_of(self.database) == "waiting":
                self.database.open_gate()
            if state_of(self.database) in arrived and turn:
                return
            asked, done_before = len(self.peer_asked()), self.hook_is_done()
            if disturbances > 0:
                disturbances -= 1
                self.disturb(*arguments)
            else:
                started = time.monotonic()
                answer = self.database.segue(*arguments, code=None, seconds=60)
                self.slowest = max(self.slowest, time.monotonic() - started)
                done = answer.code in (0, 3) or (answer.code == 2 and state_of(self.database) in arrived)
                expect(done, f"`{answer.command}`, gone on after {self.told()}, ended with {answer.code}: {answer.text.strip()[-1200:]}")
            if done_before:
                expect_equal(len(self.peer_asked()), asked, "requests to a peer that had answered, and the ledger knew it")
        raise Wrong(f"after 100 commands it has not arrived: {state_of(self.database)}")

    def peer_asked(self):
        return self.database.peer.asked if hasattr(self.database, "peer") else []

    def hook_is_done(self):
        if state_of(self.database) in ("", "rolled_back"):
            return False
        return self.database.sql("SELECT count(*) FROM segue.hook_result WHERE run_id = (SELECT max(id) FROM segue.migration_history) "
                                 "AND hook LIKE '%/told%' AND state = 'done' AND ok") != "0"


ACTIVITY = "SELECT application_name, state, wait_event, query FROM pg_stat_activity WHERE datname = current_database()"
