"""A constant on a new column: the same time however many rows there are."""
from house import scaled
from program import number, steps
import data

FORMS = {
    "constant default": "moves:\n  - sql: ALTER TABLE pairs ADD COLUMN kind text DEFAULT 'x'\n",
    "constant backfill": "moves:\n  - sql: ALTER TABLE pairs ADD COLUMN kind text\n"
                                "  - backfill: { table: pairs, set: { kind: \"'x'\" }, keep_in_sync: no }\n",
}


def once(setting, form):
    """Milliseconds of the steps and of the whole command, and whether rows were written."""
    with setting.server.copy("constant") as url:
        took, memory = setting.project(FORMS[form]).run(url, "backfill")
        setting.memory.append(memory)
        return steps(url, "expand", "backfill"), took, number(url, "SELECT count(*) FROM segue.step WHERE kind = 'backfill'") > 0


def measure(setting):
    figures, writes = {}, set()
    few, many = 1000, setting.rows(10_000_000)
    for rows in (few, many):
        setting.server.base("constant", data.pairs(rows))
        for form in FORMS:
            if form in writes:
                continue
            runs = [once(setting, form) for _ in range(setting.bench.runs)]
            figures[form, rows] = runs
            if runs[0][2]:
                writes.add(form)
        setting.server.drop("constant")
    for form in FORMS:
        if form in writes:
            setting.notes.append(f"{form}: it writes every row, so it was not measured at {many:,} rows")
            continue
        small, big = ([list(each) for each in zip(*figures[form, rows])] for rows in (few, many))
        setting.bench.row(f"{form}, {many:,} rows: the steps", scaled(big[0], 1000), "ms", f"the same at {few:,}", scaled(small[0], 1000),
                          most=200)
        setting.bench.row(f"{form}, {many:,} rows: how much longer", [(one - two) * 1000 for one, two in zip(big[0], small[0])], "ms",
                          most=20)
        setting.bench.row(f"{form}, {many:,} rows: whole command", scaled(big[1], 1000), "ms", f"the same at {few:,}",
                          scaled(small[1], 1000))
