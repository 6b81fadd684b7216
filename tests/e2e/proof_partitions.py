"""A backfill of a partitioned table: each partition by itself, and those too that come meanwhile."""
from house import case, expect, expect_equal

SCHEMA = """CREATE TABLE logs (id bigint, day date NOT NULL, a int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2020-01-01') TO ('2020-02-01');
CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2020-02-01') TO ('2020-03-01') PARTITION BY RANGE (id);
CREATE TABLE "logs ""2a" PARTITION OF logs_2 FOR VALUES FROM (0) TO (20000);
CREATE TABLE logs_2b PARTITION OF logs_2 DEFAULT;
CREATE TABLE logs_3 (id bigint, day date NOT NULL, a int, PRIMARY KEY (id, day));
INSERT INTO logs_3 SELECT g, '2020-03-02', g % 5 FROM generate_series(1, 5000) g;
INSERT INTO logs SELECT g, date '2020-01-01' + (g % 60), g % 10 FROM generate_series(1, 60000) g;
UPDATE logs SET a = 77 WHERE id = 5; ANALYZE;"""
MIGRATION = """migration: parts
about: x
moves:
  - sql: ALTER TABLE logs ADD COLUMN b int
  - backfill: { table: logs, set: { b: "100 / (a - 77)" } }
"""
WRONG = "SELECT count(*) FROM logs WHERE b IS DISTINCT FROM 100 / (a - 77)"


@case("partitions: carried one by one, one that is attached meanwhile too; a bad row is known by its partition", fast=True)
def partitions(stage):
    database = stage.own(SCHEMA, MIGRATION)
    said = database.segue("run", "parts", "--without-rehearsal", "--yes", "--to", "backfill", code=5).text
    expect("1 row cannot be carried" in said and "logs_1" in said, said[-400:])
    expect_equal(database.sql("SELECT table_name, key ->> 'id' FROM segue.failed_row"), "logs_1|5", "the row that was set aside")
    database.sql("UPDATE logs SET a = 78 WHERE a = 77; ALTER TABLE logs_3 ADD COLUMN b int; "
                 "ALTER TABLE logs ATTACH PARTITION logs_3 FOR VALUES FROM ('2020-03-01') TO ('2020-04-01')")
    expect("1 row was carried" in database.segue("retry-failed", "parts").text, "it is tried again in its partition")
    database.segue("run", "parts", "--without-rehearsal", "--yes", "--to", "validate")
    expect_equal(database.sql(WRONG), "0", "rows that are not right")
    expect_equal(database.sql("SELECT count(DISTINCT table_name) FROM segue.backfill_range"), "4", "partitions in the ledger")
    database.sql("INSERT INTO logs VALUES (1000000, '2020-01-05', 79), (1000000, '2020-02-05', 80)")
    expect_equal(database.sql(WRONG), "0", "rows that are not right after the application wrote")
    database.segue("spot-check", "--records", 3)
    for word in ("writers: none, back: { b: b }", "back: { a: b }", "from: logs_3 l, keep_in_sync: no"):
        other = stage.own(SCHEMA, MIGRATION.replace('"100 / (a - 77)" }', f'"a + 1" }}, {word}'))
        expect("logs is a partitioned table" in other.segue("plan", "parts", code=None).text, word)
