"""A table, columns and a key whose names need quotes, with what a long life leaves in a catalog."""
from house import case, expect, expect_equal

ROWS, BAD = 20000, 1000
# Every thousandth price is no number. IT stands for the key's name, quoted.
SCHEMA = r"""CREATE TABLE "we""ird Täble" (gone int, IT text PRIMARY KEY, "price""s" text, also_gone text DEFAULT 'x',
  "Größe" int GENERATED ALWAYS AS (length("price""s")) STORED, pad text DEFAULT repeat('x', 100));
ALTER TABLE "we""ird Täble" DROP COLUMN gone, DROP COLUMN also_gone;
INSERT INTO "we""ird Täble" (IT, "price""s") SELECT format((ARRAY['o''ne "%s"', 'back\slash,%s', '{br,ace}%s', E'two\nlines %s', ' %s', 'Äß…%s',
  '["%s"]'])[1 + g % 7], g), CASE WHEN g % BAD = 0 THEN 'twelve' || g ELSE g::text END FROM generate_series(1, ROWS) g;
ANALYZE "we""ird Täble";""".replace("ROWS", str(ROWS)).replace("BAD", str(BAD))
MIGRATION = """migration: small
about: x
moves:
  - sql: ALTER TABLE "we""ird Täble" ADD COLUMN "Ünï""col" int
  - sql: CREATE INDEX CONCURRENTLY "ïnd""ex" ON "we""ird Täble" ("Größe") WHERE "Ünï""col" > 100
    phase: expand
  - backfill: { table: 'we"ird Täble', set: { 'Ünï"col': '"price""s"::int + length("price""s")' }, keep_in_sync: derive%s }
limits: { failed_rows: 100 }
windows: { grace: 0s }
"""
WRONG = """SELECT count(*) FROM "we""ird Täble" WHERE "price""s" ~ '^[0-9]+$' AND "Ünï""col" IS DISTINCT FROM "price""s"::int + "Größe" """
SET_ASIDE = """SELECT count(*), count(t."Größe"), count(*) FILTER (WHERE f.sqlstate = '22P02' AND f.row ->> 'price"s' = t."price""s"
    AND t."price""s" LIKE 'twelve%%')
  FROM segue.failed_row f LEFT JOIN "we""ird Täble" t ON f.key = jsonb_build_object(%s, t.%s)"""


def with_names(stage, key, more=""):
    quoted = '"' + key.replace('"', '""') + '"'
    database = stage.own(SCHEMA.replace("IT", quoted), MIGRATION % more)
    database.up("backfill")
    expect_equal(database.sql(WRONG), "0", "rows that are not right")
    many = ROWS // BAD
    expect_equal(database.sql(SET_ASIDE % (f"'{key}'", quoted)), f"{many}|{many}|{many}", "rows set aside, found by their key, with their content")
    by_pages = database.sql("SELECT bool_and(hi LIKE 'page %') FROM segue.backfill_range") == "t"
    expect_equal(by_pages, not more, "walked by pages")
    database.sql("""UPDATE "we""ird Täble" SET "price""s" = '7' WHERE "price""s" LIKE 'twelve%' """)
    answer = database.segue("retry-failed", "small")
    expect(f"{many} rows were carried, 0 still cannot be" in answer.text, answer.text)
    database.up("validate")
    expect_equal(database.sql(WRONG), "0", "rows that are not right in the end")
    mended = """SELECT count(*) FROM "we""ird Täble" WHERE "Ünï""col" = 8 AND "price""s" = '7'"""
    expect_equal(database.sql(mended), str(many + 1), "mended rows")
    said = database.segue("spot-check", "--records", 20).text
    expect("20 records looked at, 0 wrong" in said, said[-300:])
    database.down()
    left = """SELECT count(*) FROM pg_attribute WHERE attrelid = '"we""ird Täble"'::regclass AND attname = 'Ünï"col'"""
    expect_equal(database.sql(left), "0", "columns of ours after the way back")


@case("backfill hard: odd names, dropped and generated columns, an index that speaks of the column, by pages", fast=True)
def by_pages(stage):
    with_names(stage, '"Ke"y"')


@case("backfill hard: odd names, dropped and generated columns, an index that speaks of the column, along the key")
def by_key(stage):
    with_names(stage, 'Ke"y', """, key: ['Ke"y']""")
