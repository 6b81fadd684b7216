"""An expression over a table of work orders, with an index and a foreign key on the new column.

The program carries the rows first and builds the index and the key afterwards; the baselines have both in place, as who
writes them by hand has. Compared are the program's steps from expand to validate, which are backfill, index and key;
what the proof takes afterwards is a row of its own, and so is the whole command.
"""
from baselines import BY_ID, CLIENT_IN_PLACE, REWRITE, SINGLE, size, timed, wall, with_wal
from program import comparison, number, steps, workers
import data

MIGRATION = f"""moves:
  - sql: ALTER TABLE work_orders ADD COLUMN client_id integer
  - backfill: {{ table: work_orders, set: {{ client_id: "{data.CLIENT}" }}, keep_in_sync: derive }}
  - sql: CREATE INDEX CONCURRENTLY work_orders_client_id ON work_orders (client_id)
    phase: validate
  - sql: ALTER TABLE work_orders ADD CONSTRAINT work_orders_client FOREIGN KEY (client_id) REFERENCES clients (id) NOT VALID
    phase: validate
  - sql: ALTER TABLE work_orders VALIDATE CONSTRAINT work_orders_client
    phase: validate
    undo: SELECT 1
"""


def program(setting):
    with setting.server.copy("expression") as url:
        (took, memory), wal = with_wal(url, lambda: setting.project(MIGRATION).run(url, "validate"))
        if number(url, f"SELECT count(*) FROM work_orders WHERE client_id IS DISTINCT FROM {data.CLIENT}"):
            raise SystemExit("rows are not right after the backfill")
        setting.memory.append(memory)
        return {"seconds": steps(url, "expand", "validate"), "carrying": steps(url, "backfill", "backfill"), "command": took,
                "comparison": comparison(url), "wal": wal, "size": size(url, "work_orders"), "memory": memory, "workers": workers(url)}


def by_hand(setting, prepare, sql):
    with setting.server.copy("expression") as url:
        seconds, wal = timed(url, prepare, sql)
        return {"seconds": seconds, "wal": wal, "size": size(url, "work_orders")}


def rewrite(setting):
    with setting.server.copy("expression") as url:
        return {"seconds": wall(url, REWRITE), "size": size(url, "rewritten")}


def rounds(setting):
    sides = {"segue": lambda: program(setting), "single": lambda: by_hand(setting, CLIENT_IN_PLACE, SINGLE),
             "batches": lambda: by_hand(setting, CLIENT_IN_PLACE + BY_ID, "CALL carry(10000);"), "rewrite": lambda: rewrite(setting)}
    found = {name: [] for name in sides}
    for _ in range(setting.bench.runs):
        for name, side in sides.items():
            found[name].append(side())
    return lambda name, figure: [each[figure] for each in found[name]]


def measure(setting):
    bench = setting.bench
    for full in (1_000_000, 2_000_000):
        rows = setting.rows(full)
        setting.server.base("expression", data.work_orders(rows))
        found = rounds(setting)
        setting.server.drop("expression")

        def rate(name, figure="seconds"):
            return [rows / seconds for seconds in found(name, figure)]

        def megabytes(name, figure):
            return [each / 1e6 for each in found(name, figure)]

        what = f"{rows:,} orders"
        bench.row(f"{what}: backfill, index, FK", rate("segue"), "rows/s", "one UPDATE, index and FK in place", rate("single"), least_ratio=2)
        bench.row(f"{what}: backfill, index, FK", rate("segue"), "rows/s", "batches of 10,000, the same", rate("batches"),
                  least_ratio=2.5)
        bench.row(f"{what}: backfill, index, FK", rate("segue"), "rows/s", "a new table with all of them", rate("rewrite"))
        bench.row(f"{what}: whole command, with its proof", rate("segue", "command"), "rows/s", "one UPDATE, index and FK in place",
                  rate("single"))
        bench.row(f"{what}: the backfill's step alone, workers: {max(found('segue', 'workers'))}", rate("segue", "carrying"), "rows/s")
        bench.row(f"{what}: size afterwards", megabytes("segue", "size"), "MB", "one UPDATE", megabytes("single", "size"), most_ratio=0.75)
        bench.row(f"{what}: size afterwards", megabytes("segue", "size"), "MB", "batches of 10,000", megabytes("batches", "size"))
        bench.row(f"{what}: size afterwards", megabytes("segue", "size"), "MB", "a new table", megabytes("rewrite", "size"))
        bench.row(f"{what}: write-ahead log", megabytes("segue", "wal"), "MB", "one UPDATE", megabytes("single", "wal"), most_ratio=1.05)
        bench.row(f"{what}: comparison", found("segue", "comparison"), "s", "the backfill's step", found("segue", "carrying"), most_ratio=0.15)
        bench.row(f"{what}: peak memory of the program", found("segue", "memory"), "MB", most=40)
