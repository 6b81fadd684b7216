"""Rows that cannot be carried, alone and a page of them: set aside with all that is to be known, mended, tried again, accepted."""
import json

from house import case, expect, expect_equal
from proof_backfill import RUN

ROWS, EVERY, BLOCK = 100000, 10000, 60
# One price in 10,000, and so many one after the other that a page holds nothing else, is no number.
SCHEMA = f"""CREATE TABLE w (id bigserial PRIMARY KEY, price text, note text DEFAULT repeat('x', 250));
INSERT INTO w (price) SELECT CASE WHEN g % {EVERY} = %d OR g BETWEEN %d AND %d THEN 'about ' || g ELSE (g % 997)::text END
  FROM generate_series(1, {ROWS}) g;
ANALYZE w;"""
MIGRATION = """migration: small
about: x
moves:
  - sql: ALTER TABLE w ADD COLUMN cents int
  - backfill: { table: w, set: { cents: "price::int * 100" }, keep_in_sync: derive }
limits: { failed_rows: %s }
windows: { grace: 0s }
"""
BAD = "price LIKE 'about%'"
WRONG = f"SELECT count(*) FROM w WHERE CASE WHEN {BAD} THEN cents IS NOT NULL ELSE cents IS DISTINCT FROM price::int * 100 END"


def poisoned(stage, limit):
    first = stage.random.randrange(1, ROWS - BLOCK)
    schema = SCHEMA.replace("% 997", "%% 997").replace(f"% {EVERY}", f"%% {EVERY}") % (stage.random.randrange(EVERY), first, first + BLOCK - 1)
    database = stage.own(schema, MIGRATION % limit)
    pages = database.sql(f"SELECT count(*) FROM (SELECT (ctid::text::point)[0] FROM w GROUP BY 1 HAVING bool_and({BAD})) x")
    expect(int(pages) >= 1, "no page holds nothing but bad rows")
    return database, int(database.sql(f"SELECT count(*) FROM w WHERE {BAD}"))


def expect_set_aside(database, bad):
    """Compared with the table itself: just these rows, each once, with key, SQLSTATE, words and content."""
    found = [json.loads(line) for line in database.sql("SELECT to_jsonb(f) FROM segue.failed_row f WHERE state = 'failed' ORDER BY id").splitlines()]
    expect_equal(len(found), bad, "rows set aside")
    there = {int(line.split("|")[0]): line.split("|")[1] for line in database.sql(f"SELECT id, price FROM w WHERE {BAD}").splitlines()}
    expect_equal({int(one["key"]["id"]) for one in found}, set(there), "which rows are set aside")
    for one in found:
        price = there[int(one["key"]["id"])]
        expect(one["sqlstate"] == "22P02" and price in one["message"] and one["table_name"] == "w" and one["key"].keys() == {"id"} and
               one["row"]["price"] == price and one["row"]["id"] == int(one["key"]["id"]), f"what is kept of a row: {one}")
    expect_equal(database.sql(WRONG), "0", "rows that are not right")


@case("backfill hard: 10 bad rows and a bad page of 100,000: set aside, mended, tried again, accepted, and it ends")
def by_count(stage):
    database, bad = poisoned(stage, 30)
    answer = database.segue(*RUN, code=5)
    expect(f"{bad} rows cannot be carried" in answer.text and "allows 30" in answer.text, answer.text[-600:])
    expect("segue.failed_row" in answer.text and "segue accept-failed" in answer.text, f"it does not say what to do: {answer.text[-600:]}")
    expect_set_aside(database, bad)
    expect_equal(database.status()["failed_rows"], bad, "what status says")
    # Mended: 20 by hand, one is deleted, one is still wrong.
    some = stage.random.sample(database.sql(f"SELECT id FROM w WHERE {BAD}").splitlines(), 22)
    database.sql(f"UPDATE w SET price = '12' WHERE id IN ({', '.join(some[:20])}); DELETE FROM w WHERE id = {some[20]}; "
                 f"UPDATE w SET price = 'about twelve' WHERE id = {some[21]};")
    answer = database.segue("retry-failed", "small", code=1)
    left = bad - 21
    expect(f"21 rows were carried, {left} still cannot be" in answer.text, answer.text[-300:])
    newer = database.sql(f"SELECT message FROM segue.failed_row WHERE key = '{{\"id\": \"{some[21]}\"}}'")
    expect("about twelve" in newer, f"the newer message of a row that is still wrong: {newer}")
    expect_equal(database.sql(f"SELECT count(cents) FROM w WHERE id IN ({', '.join(some)}) AND cents = 1200"), "20", "mended rows that are right")
    # Once more the same: nothing new, nothing twice.
    answer = database.segue(*RUN, code=5)
    expect(f"{left} rows cannot be carried" in answer.text, answer.text[-600:])
    database.segue("accept-failed", "small", "--table", "nothing", "--note", "x")
    expect_equal(database.sql("SELECT count(*) FROM segue.failed_row WHERE state = 'accepted'"), "0", "accepted of another table")
    answer = database.segue("accept-failed", "small", "--note", "they are from before 1990", "--by", "the owner")
    expect(f"{left} rows stay as they are" in answer.text, answer.text)
    expect("the owner" in database.sql("SELECT message FROM segue.event WHERE code = 'accept-failed' ORDER BY id DESC LIMIT 1"), "who accepted is not kept")
    database.up("validate")
    expect_equal(database.sql(WRONG), "0", "rows that are not right in the end")
    return f"{bad} bad rows"


@case("backfill hard: a share of bad rows is allowed, and a page of them with it")
def by_share(stage):
    database, bad = poisoned(stage, "0.2%")
    database.up("validate")
    expect_set_aside(database, bad)


def exactly(stage, share, allowed):
    """At the limit it ends; one row more is too many."""
    bad = f"CASE WHEN g <= {allowed + 1} THEN 'about ' || g ELSE '1' END"
    database = stage.own(f"CREATE TABLE w (id int PRIMARY KEY, price text); INSERT INTO w SELECT g, {bad} FROM generate_series(1, {ROWS}) g; ANALYZE w;",
                         MIGRATION % share)
    answer = database.segue(*RUN, code=5)
    expect(f"{allowed + 1} rows cannot be carried" in answer.text and f"allows {allowed}:" in answer.text, answer.text[-400:])
    database.sql("UPDATE w SET price = '1' WHERE id = 2")
    database.segue(*RUN)
    expect_set_aside(database, allowed)


@case("backfill hard: 0.05 % of 100,000 rows are 50", fast=True)
def share(stage):
    exactly(stage, "0.05%", 50)


@case("backfill hard: 0.06 % of 100,000 rows are 60", fast=True)
def share_with_a_rest(stage):
    exactly(stage, "0.06%", 60)


@case("backfill hard: one bad row in 10,000 does not make the table twice as large")
def no_bloat(stage):
    database = stage.own(SCHEMA.replace("%d AND %d", "0 AND 0").replace("= %d", "= 7"), MIGRATION % "0.2%")
    size = "SELECT pg_relation_size('w')"
    before = int(database.sql(size))
    database.segue(*RUN)
    expect_set_aside(database, ROWS // EVERY)
    grown = int(database.sql(size)) / before
    expect(grown <= 2, f"{ROWS // EVERY} bad rows of {ROWS} made the table {grown:.1f} times as large")
    return f"{grown:.2f} times"
