"""The tablespace of the table runs full in the middle: one clear error, nothing lost, and it goes on after room was made."""
from house import case, expect, expect_equal, psql
import proof_backfill
from proof_backfill import RIGHT, RUN, carried
from proof_hostile import SmallDisk

ROWS = 60000
SCHEMA = f"""CREATE TABLE w (id bigserial PRIMARY KEY, title text NOT NULL, amount int NOT NULL, pad text DEFAULT repeat('x', 150)) TABLESPACE small;
INSERT INTO w (title, amount) SELECT 'order ' || g, g % 977 FROM generate_series(1, {ROWS}) g; ANALYZE w;"""
MIGRATION = proof_backfill.MIGRATION.format(more="")
DONE = "SELECT count(*) FROM w WHERE total = amount * 2 + length(title)"


@case("backfill hard: the table's tablespace is full in the middle: one error, nothing lost, and it goes on with room")
def full(stage):
    disk = SmallDisk(stage, "80m")
    database = stage.own("SELECT 1", MIGRATION)
    psql(disk.cluster.url("postgres"), "CREATE DATABASE shop")
    database.url = disk.cluster.url("shop")
    database.sql(SCHEMA)
    database.up("expand")
    stops, before = 0, 0
    while True:
        # Ever less room, so that it stops early, later, and once more.
        disk.fill(600000 + 300000 * stops)
        answer = database.segue(*RUN, code=None)
        if answer.code == 0:
            break
        expect(answer.code in (4, 5), f"no room, and it ended with {answer.code}: {answer.text[-500:]}")
        errors = [line for line in answer.err.splitlines() if line.startswith("segue: ")]
        expect_equal(len(errors), 1, f"errors that are told ({answer.text[-800:]})")
        expect("53100" in answer.text and "disk space" in answer.text and "same command" in answer.text,
               f"it does not say what is wrong: {answer.text[-700:]}")
        now = carried(database)
        expect_equal(database.sql(DONE), str(now), "rows that are right, and what the ledger says of them")
        expect(before <= now < ROWS, f"{now} rows after {before}")
        expect_equal(database.sql("SELECT count(*), count(DISTINCT title), sum(amount) FROM w"), database.sql(
            f"SELECT {ROWS}, {ROWS}, sum(g % 977) FROM generate_series(1, {ROWS}) g"), "rows, with what they held")
        before, stops = now, stops + 1
        disk.make_room()
        if stops == 3:
            database.segue(*RUN)
            break
    expect(stops >= 1, "it was never full")
    expect_equal(database.sql(RIGHT), "0", "rows that are not right")
    expect_equal(database.sql("SELECT count(*), count(DISTINCT id) FROM w"), f"{ROWS}|{ROWS}", "rows")
    expect_equal(carried(database), ROWS, "rows carried, each once")
    return f"stopped {stops} times, with {before} of {ROWS} rows carried"


@case("backfill hard: an error in the middle says what was carried, not that nothing was kept", fast=True)
def kept(stage):
    refuses = """CREATE FUNCTION sum_of(a int, b int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
  IF a = 976 AND b = 11 THEN RAISE EXCEPTION 'out of something' USING ERRCODE = '53400'; END IF; RETURN a * 2 + b; END $$;"""
    schema = SCHEMA.replace(" TABLESPACE small", "").replace("g % 977", "CASE WHEN g = 50000 THEN 976 ELSE g % 900 END")
    database = stage.own(schema + refuses, MIGRATION.replace("amount * 2 + length(title)", "sum_of(amount, length(title))"))
    answer = database.segue(*RUN, code=5)
    now = carried(database)
    expect_equal(database.sql(DONE), str(now), "rows that are right, and what the ledger says of them")
    expect(now > 1000, f"only {now} rows were carried before")
    expect("out of something" in answer.text and "same command" in answer.text, answer.text[-500:])
    expect("nothing of this step was kept" not in answer.text, f"{now} rows are kept, and it says: {answer.text[-300:]}")
