#!/usr/bin/env python3
"""The example visionwest: its batched backfill against one single UPDATE, and its instant form at two sizes.

The migration runs on copies of one database in one sandbox, each run on a fresh copy. The single UPDATE runs on a copy
that has the new column, once without the new indexes and foreign key (what the backfill does by itself), once with them
(what is equal work: there the time of building and validating them counts for segue).
"""
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from house import Bench, Sandbox, environment, psql, scaled, sql_seconds  # noqa: E402

SCALE = 200_000
STEP = "extract(epoch FROM finished_at - started_at)"
CARRIED = "FROM segue.step WHERE kind = 'backfill' AND sql LIKE '%work_orders%'"
# All that the migration does to work_orders between the first row that is carried and the last one that is proved.
FINAL = "FROM segue.step WHERE phase IN ('backfill', 'validate', 'enforce') AND sql LIKE '%work_orders%' AND kind <> 'analyze'"
UPDATE = "UPDATE work_orders SET client_id_next = (SELECT min(id) FROM clients) WHERE client_id_next IS NULL;"
PARTS = """
CREATE UNIQUE INDEX bench_1 ON work_orders (client_id_next, job_no);
CREATE INDEX bench_2 ON work_orders (client_id_next, status);
CREATE INDEX bench_3 ON work_orders (client_id_next, date DESC);
ALTER TABLE work_orders ADD CONSTRAINT bench_4 FOREIGN KEY (client_id_next) REFERENCES clients (id) ON DELETE RESTRICT;
ALTER TABLE work_orders ADD CONSTRAINT bench_5 CHECK (client_id_next IS NOT NULL) NOT VALID;
"""


def migrate(bench, sandbox, url, name, to):
    """How long the whole command took."""
    started = time.perf_counter()
    done = subprocess.run([bench.segue, "-C", sandbox.project, "--database", url, "run", name, "--to", to, "--yes",
                           "--without-rehearsal"], capture_output=True, text=True, env=environment(), check=False)
    if done.returncode:
        raise SystemExit(f"segue run {name} --to {to} ended with {done.returncode}: {done.stderr[-1500:]}")
    return time.perf_counter() - started


def batched(bench, sandbox):
    url = sandbox.copy("batched")
    migrate(bench, sandbox, url, "multi-client", "enforce")
    rows = int(psql(url, f"SELECT sum(rows) {CARRIED}"))
    carried = float(psql(url, f"SELECT sum({STEP}) {CARRIED}"))
    final = float(psql(url, f"SELECT sum({STEP}) {FINAL}"))
    sandbox.drop("batched")
    return rows, {"backfill": carried, "with parts": final}


def single(bench, sandbox, parts, silent):
    """Triggers of the application fire in a plain UPDATE; the backfill keeps them silent where it may."""
    url = sandbox.copy("single")
    migrate(bench, sandbox, url, "multi-client", "expand")
    if parts:
        psql(url, PARTS)
    psql(url, "CHECKPOINT")
    took = sql_seconds(url, ("SET session_replication_role = replica; " if silent else "") + UPDATE)
    sandbox.drop("single")
    return took


def instant(bench, scale):
    """Seconds of expand, which puts the column in, and of the run to enforce, which builds the indexes too."""
    with Sandbox(bench.segue, "visionwest-instant", "--scale", scale) as sandbox:
        times = []
        for _ in range(bench.runs):
            url = sandbox.copy("instant")
            whole = migrate(bench, sandbox, url, "multi-client-instant", "enforce")
            columns = float(psql(url, f"SELECT sum({STEP}) FROM segue.step WHERE phase = 'expand'"))
            final = float(psql(url, f"SELECT sum({STEP}) FROM segue.step"))
            times.append((columns, final, whole))
            sandbox.drop("instant")
    return list(zip(*times))


def main():
    bench = Bench("thin_path", 5)
    times = {"backfill": [], "with parts": [], "single": [], "single silent": [], "single with parts": []}
    with Sandbox(bench.segue, "visionwest", "--scale", SCALE) as sandbox:
        for _ in range(bench.runs):
            rows, ours = batched(bench, sandbox)
            for name, took in ours.items():
                times[name].append(took)
            times["single"].append(single(bench, sandbox, False, False))
            times["single silent"].append(single(bench, sandbox, False, True))
            times["single with parts"].append(single(bench, sandbox, True, False))
        version = sandbox.version()
    rate = {name: [rows / took for took in each] for name, each in times.items()}
    orders = f"{rows:,} work orders"
    bench.row(f"batched backfill, {orders}", rate["backfill"], "rows/s", "one UPDATE, without the new indexes", rate["single"])
    bench.row(f"batched backfill, {orders}", rate["backfill"], "rows/s", "the same UPDATE, triggers silent", rate["single silent"])
    bench.row(f"batched backfill, indexes, FK, NOT NULL, {orders}", rate["with parts"], "rows/s",
              "one UPDATE with indexes and FK in place", rate["single with parts"])
    small, large = instant(bench, SCALE // 10), instant(bench, SCALE)
    for place, what in enumerate(["expand (the filled column)", "all steps to enforce", "the command to enforce, checks included"]):
        bench.row(f"instant, {SCALE:,} orders: {what}", scaled(large[place], 1000), "ms", f"the same at {SCALE // 10:,}", scaled(small[place], 1000),
                  most=200 if place == 0 else None)
    bench.end(machine={"server": version})


main()
