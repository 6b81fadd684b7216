"""The table is written anew, or nothing can be cleaned up, while its rows are carried."""
import threading

from house import case, expect, expect_equal, wait_until
from proof_backfill import RUN, carried

SCHEMA = """CREATE TABLE w (id bigserial PRIMARY KEY, title text NOT NULL, amount int NOT NULL, pad text DEFAULT repeat('x', 150));
INSERT INTO w (title, amount) SELECT 'order ' || g, g * 7919 %% 100003 FROM generate_series(1, %d) g;
CREATE INDEX w_back ON w (id DESC); CREATE INDEX w_mixed ON w (amount);
ANALYZE w;"""
# Each row takes some tenths of a millisecond.
VALUE = "amount * 2 + length(title) + 0 * length(md5(repeat(title, 1500)))"
MIGRATION = f"""migration: small
about: x
moves:
  - sql: ALTER TABLE w ADD COLUMN total int
  - backfill: {{{{ table: w, set: {{{{ total: "{VALUE}" }}}}, keep_in_sync: derive }}}}
{{more}}windows: {{{{ grace: 0s }}}}
"""
WRONG = "SELECT count(*) FROM w WHERE total IS DISTINCT FROM amount * 2 + length(title)"


def own(stage, rows, more=""):
    return stage.own(SCHEMA % rows, MIGRATION.format(more=more))


def rewritten(stage, *rewrites, rows=40000, more=""):
    """`rewrites`: when (so many of the rows are carried, "comparing": it compares, "right": a range is), and what."""
    database = own(stage, rows)
    database.sql(more)
    database.up("expand")
    # So that the table becomes shorter when it is written anew.
    database.sql("DELETE FROM w WHERE id % 5 = 0")
    left = int(database.sql("SELECT count(*) FROM w"))
    process = database.start(*RUN)
    done = []
    for when, how in rewrites:
        states = f"SELECT EXISTS (SELECT FROM segue.backfill_range WHERE state IN ('{when}', 'right') AND cursor IS NOT NULL)"
        wait_until(lambda: process.poll() is not None or (database.sql(states) == "t" if isinstance(when, str) else
                                                          carried(database) > when * left), f"{when}: {how}")
        expect(process.poll() is None, f"it had ended before {how}")
        before = database.sql("SELECT pg_relation_filenode('w')")
        database.sql(how)
        expect(database.sql("SELECT pg_relation_filenode('w')") != before, "it was not written anew")
        done.append(f"{how.split(' w')[0]} {'when it compared' if isinstance(when, str) else f'at {100 * carried(database) // left} %'}")
    err = process.communicate(timeout=60)[1]
    expect_equal(process.returncode, 0, f"the exit code ({err[-400:]})")
    expect_equal(database.sql("SELECT count(*), count(DISTINCT id) FROM w"), f"{left}|{left}", "rows")
    expect_equal(database.sql(WRONG), "0", "rows that are not right")
    return f"{', '.join(done)}; {carried(database)} changes of {left} rows"


@case("backfill hard: VACUUM FULL, then CLUSTER the other way round, in the middle of it")
def rewritten_while_carrying(stage):
    return rewritten(stage, (0.2, "VACUUM FULL w"), (0.5, "CLUSTER w USING w_back"))


@case("backfill hard: CLUSTER in the middle of it, and another way while it is compared")
def rewritten_while_comparing(stage):
    return rewritten(stage, (stage.random.uniform(0.3, 0.5), "CLUSTER w USING w_back"), ("comparing", "CLUSTER w USING w_mixed"))


@case("backfill hard: CLUSTER brings rows that were not carried from where it will look to where it has looked, twice")
def hidden_twice(stage):
    """What is not carried yet lands between what is, behind the cursor; and, once the first pages are compared, on these."""
    rows = 40000
    late = f"id BETWEEN {rows * 0.6:.0f} AND {rows * 0.8:.0f}"
    return rewritten(stage, (0.4, "CLUSTER w USING w_middle"), ("right", "CLUSTER w USING w_first"), rows=rows, more=f"""
        CREATE INDEX w_middle ON w ((CASE WHEN id < {rows * 0.25:.0f} THEN 0 WHEN {late} THEN 1 ELSE 2 END));
        CREATE INDEX w_first ON w ((CASE WHEN {late} THEN 0 ELSE 1 END))""")


@case("backfill hard: a REPEATABLE READ transaction is open from the first row to the last")
def old_snapshot(stage):
    rows = 30000
    database = own(stage, rows)
    database.up("expand")
    reader = stage.session(database.url, "long report")
    reader.ask("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM w;")
    writer, ending, said = stage.session(database.url, "writer"), [], []

    def write():
        while not ending and not said:
            n = stage.random.randrange(1, rows)
            answer = writer.ask(f"UPDATE w SET amount = amount + 1 WHERE id = {n}; INSERT INTO w (title, amount) VALUES ('new {n}', {n}); "
                                f"DELETE FROM w WHERE id = (SELECT min(id) FROM w WHERE id > {rows});")
            said.extend([answer] if answer else [])

    thread = threading.Thread(target=write)
    process = database.start(*RUN)
    wait_until(lambda: carried(database) > 0, "it carries")
    thread.start()
    try:
        err = process.communicate(timeout=60)[1]
    finally:
        ending.append(True)
        thread.join()
    expect_equal(process.returncode, 0, f"the exit code ({err[-400:]})")
    expect(not said, f"the writer failed: {said}")
    expect_equal(reader.ask("SELECT count(*), count(total), sum(amount) FROM w;"), database.sql(
        f"SELECT {rows}, 0, sum(g * 7919 % 100003) FROM generate_series(1, {rows}) g"), "what the report sees at the end")
    held = database.sql("SELECT bool_or(backend_xmin IS NOT NULL) FROM pg_stat_activity WHERE application_name = 'long report'")
    expect_equal(held, "t", "xmin was held until then")
    reader.ask("COMMIT;")
    expect_equal(database.sql(WRONG), "0", "rows that are not right")
    expect_equal(database.sql(f"SELECT count(*) FROM w WHERE id <= {rows}"), str(rows), "rows")
    grown = int(database.sql("SELECT pg_relation_size('w')")) / (rows * 220)
    return f"{carried(database)} rows; the table has {grown:.1f} times the size of its rows"
