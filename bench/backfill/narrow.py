"""A narrow table: against batches that only touch rows, for a trigger in plpgsql to fill them."""
from baselines import BY_TOUCH, timed
from program import number, steps
import data

MIGRATION = f"""moves:
  - sql: ALTER TABLE users ADD COLUMN shown_name text
  - backfill: {{ table: users, set: {{ shown_name: "{data.SHOWN_NAME}" }}, keep_in_sync: derive }}
"""
SIZES = [(10_000, True), (100_000, True), (300_000, True), (1_000_000, True), (100_000, False), (300_000, False)]
WRONG = f"SELECT count(*) FROM users WHERE shown_name IS DISTINCT FROM ({data.SHOWN_NAME})"


def program(setting):
    """Seconds of the steps and of the whole command."""
    with setting.server.copy("narrow") as url:
        took, memory = setting.project(MIGRATION).run(url, "backfill")
        setting.memory.append(memory)
        if number(url, WRONG):
            raise SystemExit("rows are not right after the backfill")
        return steps(url, "expand", "backfill"), took


def through_trigger(setting):
    with setting.server.copy("narrow") as url:
        took, _ = timed(url, BY_TOUCH, "CALL carry(1000);")
        if number(url, WRONG):
            raise SystemExit("rows are not right after the baseline")
        return took


def measure(setting):
    for full, analysed in SIZES:
        rows = setting.rows(full)
        setting.server.base("narrow", data.users(rows, analysed))
        ours, whole, theirs = [], [], []
        for _ in range(setting.bench.runs):
            seconds, command = program(setting)
            ours.append(rows / seconds)
            whole.append(rows / command)
            theirs.append(rows / through_trigger(setting))
        setting.server.drop("narrow")
        what = f"{rows:,} users, {'analysed' if analysed else 'never analysed'}"
        judged = full == 1_000_000 and analysed
        setting.bench.row(f"{what}: trigger and backfill", ours, "rows/s", "batches of 1,000, row trigger", theirs,
                          least_ratio=3 if judged else None)
        if judged:
            setting.bench.row(f"{what}: whole command", whole, "rows/s", "batches of 1,000, row trigger", theirs)
