"""Random uuid keys: the order of the keys says nothing about where the rows lie, and batches by key touch every page.

The baseline has as many sessions as the program had workers in the same round. The small cache is the server's own: the
system's, which nothing here makes smaller, still holds the table, so that no disk's slowness is in these figures.
"""
from baselines import uuid_sessions
from program import number, steps, workers
import data

MIGRATION = f"""moves:
  - sql: ALTER TABLE items ADD COLUMN gross integer
  - backfill: {{ table: items, set: {{ gross: "{data.GROSS}" }}, keep_in_sync: derive }}
"""
WRONG = f"SELECT count(*) FROM items WHERE gross IS DISTINCT FROM {data.GROSS}"
SMALL = "16MB"


def program(setting):
    """Seconds of the steps, and how many worked."""
    with setting.server.copy("uuid") as url:
        _, memory = setting.project(MIGRATION).run(url, "backfill")
        setting.memory.append(memory)
        if number(url, WRONG):
            raise SystemExit("rows are not right after the backfill")
        return steps(url, "expand", "backfill"), workers(url)


def by_key(setting, sessions):
    with setting.server.copy("uuid") as url:
        took = uuid_sessions(url, sessions)
        if number(url, WRONG):
            raise SystemExit("rows are not right after the baseline")
        return took


def measure(setting):
    server = setting.server
    rows = setting.rows(1_000_000)
    usual = server.shared_buffers
    server.base("uuid", data.items(rows))
    megabytes = number(server.url("uuid"), "SELECT pg_total_relation_size('items')") / 2**20
    try:
        for cache, least in ((usual, 2), (SMALL, 5)):
            server.restart(cache)
            ours, theirs, had = [], [], 1
            for _ in range(setting.bench.runs):
                seconds, had = program(setting)
                ours.append(rows / seconds)
                theirs.append(rows / by_key(setting, had))
            setting.bench.row(f"{rows:,} random uuids, {megabytes:.0f} MB, cache {cache}, workers: {had}", ours, "rows/s",
                              "batches by key, as many sessions", theirs, least_ratio=least)
    finally:
        server.restart(usual)
    server.drop("uuid")
