"""Whether the rate holds as the table grows, and what the program needs of memory then."""
from program import steps
import data
import expression


def rate(setting, base, rows):
    """Rows a second of the backfill's phase, and megabytes."""
    with setting.server.copy(base) as url:
        _, memory = setting.project(expression.MIGRATION).run(url, "backfill")
        setting.memory.append(memory)
        return rows / steps(url, "backfill", "backfill"), memory


def measure(setting):
    sizes = {"large_a": setting.rows(1_000_000), "large_b": setting.rows(setting.asked.large)}
    for base, rows in sizes.items():
        setting.server.base(base, data.work_orders(rows))
    found = {base: [] for base in sizes}
    for _ in range(setting.bench.runs):
        for base, rows in sizes.items():
            found[base].append(rate(setting, base, rows))
    for base in sizes:
        setting.server.drop(base)
    (few, few_memory), (many, many_memory) = ([list(each) for each in zip(*found[base])] for base in sizes)
    few_rows, many_rows = sizes.values()
    setting.bench.row(f"backfill alone, {many_rows:,} orders", many, "rows/s", f"the same at {few_rows:,}", few, least_ratio=0.95)
    setting.bench.row(f"peak memory of the program, {many_rows:,} orders", many_memory, "MB", f"the same at {few_rows:,}", few_memory, most=40)
