"""The runner is killed twenty times at random moments: each row is changed once, and the ledger knows how many."""
import signal
import time

from house import case, expect, expect_equal
from proof_backfill import RUN, carried

ROWS, KILLS = 100000, 20
# Three indexes: pages are gone over in turns. A trigger of the user's counts what is changed; what is rolled back it never saw.
SCHEMA = f"""CREATE TABLE w (id bigserial PRIMARY KEY, title text NOT NULL, amount int NOT NULL, pad text DEFAULT repeat('x', 150));
INSERT INTO w (title, amount) SELECT 'order ' || g, g % 977 FROM generate_series(1, {ROWS}) g;
CREATE INDEX w_title ON w (title); CREATE INDEX w_amount ON w (amount);
CREATE TABLE audit (at timestamptz DEFAULT clock_timestamp(), rows bigint);
CREATE FUNCTION count_them() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit (rows) SELECT count(*) FROM them; RETURN NULL; END';
CREATE TRIGGER count_them AFTER UPDATE ON w REFERENCING NEW TABLE AS them FOR EACH STATEMENT EXECUTE FUNCTION count_them();
ANALYZE w;"""
MIGRATION = """migration: small
about: x
moves:
  - sql: ALTER TABLE w ADD COLUMN total int
  - backfill: { table: w, set: { total: "amount * 2 + length(title) + 0 * length(md5(repeat(title, 500)))" }, keep_in_sync: derive,
                triggers: { count_them: fire } }
limits: { workers: 2 }
windows: { grace: 0s }
"""
WRONG = "SELECT count(*) FROM w WHERE total IS DISTINCT FROM amount * 2 + length(title)"


@case("backfill hard: killed 20 times at random moments, pages in turns, each row is changed once")
def killed(stage):
    database = stage.own(SCHEMA, MIGRATION)
    database.up("expand")
    during = 0
    for number in range(KILLS):
        process = database.start(*RUN)
        # Either after a random time, or as soon as a random number of rows is carried, so that the last kills find something to do.
        most, end = ROWS * 0.95 * (number + stage.random.random()) / KILLS, time.monotonic() + stage.random.uniform(0.05, 0.8)
        while process.poll() is None and time.monotonic() < end and carried(database) < most:
            pass
        expect(process.poll() is None, f"it had ended before kill {number + 1}")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        turns = database.sql("SELECT count(*) FROM segue.backfill_range WHERE cursor LIKE '% more %'") if carried(database) else "0"
        during += turns != "0"
        if carried(database):
            expect_equal(database.sql("SELECT coalesce(sum(rows), 0) <= (SELECT sum(rows) FROM segue.backfill_range) FROM audit"), "t",
                         "what is committed is in the ledger")
    left = carried(database)
    database.segue(*RUN)
    expect(during >= 5, f"only {during} kills in the middle of a turn")
    expect_equal(carried(database), ROWS, "rows carried by the ledger, each once")
    expect_equal(database.sql("SELECT sum(rows) FROM audit"), str(ROWS), "rows changed by the count of the user's trigger")
    expect_equal(database.sql("SELECT count(*), count(DISTINCT id) FROM w"), f"{ROWS}|{ROWS}", "rows")
    expect_equal(database.sql(WRONG), "0", "rows that are not right")
    return f"{KILLS} kills, {during} of them in the middle of a turn; {left} of {ROWS} carried by then"
