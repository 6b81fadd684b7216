"""Columns and tables that leave with the contract: a restore gives back what stood there, in combinations that people have."""
from house import case, expect_equal

MIGRATION = "migration: small\nabout: x\nmoves:\n{}windows: {{ grace: 0s, trash: 0s }}\n"


def after_restore(stage, schema, moves, since, query, wanted):
    """The contract, what is written without the old shape, and back: what the query answers then."""
    database = stage.own(schema, MIGRATION.format("".join(f"  - {move}\n" for move in moves)))
    before = database.catalog()
    database.up("grace")
    database.segue("finish", "small", "--yes")
    for change in since:
        database.sql(change)
    database.approve("new application withdrawn")
    database.segue("restore", "small", "--yes")
    expect_equal(database.sql(query), wanted, "what is there after the restore")
    database.down()
    expect_equal(database.catalog(), before, "the catalog after the way back")
    expect_equal(database.sql(query), wanted, "what is there after the way back")
    database.up("grace")
    database.segue("finish", "small", "--yes")
    database.segue("purge", "small", "--yes")
    return database


@case("retire: tables that refer to each other, to one that is renamed, and columns of a renamed table come back", fast=True)
def together(stage):
    after_restore(stage, "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1);",
                  ["retire: { table: b }", "retire: { table: a, archive: false }"], [], "SELECT * FROM b", "1|1")
    after_restore(stage, 'CREATE TABLE "p"" q" (id int PRIMARY KEY); CREATE TABLE n (id int PRIMARY KEY, p int REFERENCES "p"" q"); INSERT INTO "p"" q" VALUES (1), (2); INSERT INTO n VALUES (1, 1), (2, 2);',
                  ["rename: { table: 'p\" q', to: q }", "retire: { table: n }"], ["DELETE FROM q WHERE id = 2"], "SELECT * FROM n", "1|1")
    database = after_restore(stage, "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int); INSERT INTO t VALUES (1, 1, 1);",
                             ["rename: { table: t, to: u }", "retire: { table: t, columns: [a] }", "retire: { table: t, columns: [b] }"],
                             ["INSERT INTO u VALUES (2)"], "SELECT * FROM t", "1|1|1")
    expect_equal(database.sql("SELECT id FROM u ORDER BY 1"), "1\n2", "rows at last, the one that was set aside among them")
    expect_equal(database.sql("SELECT a.a, b.b FROM segue_archive.t_small a JOIN segue_archive.t_small_2 b USING (id) WHERE id = 1"), "1|1", "what is archived")


@case("retire: what never held is not asked for, what would collide is set aside, and nothing else", fast=True)
def exactly(stage):
    after_restore(stage, "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int, n int); INSERT INTO t VALUES (1, 77, -1);"
                  "ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES p NOT VALID; ALTER TABLE t ADD CHECK (n > 0) NOT VALID;",
                  ["retire: { table: t, columns: [p, n] }"], [], "SELECT * FROM t", "1|77|-1")
    after_restore(stage, "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int); INSERT INTO t VALUES (1, 77); ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES p NOT VALID;",
                  ["retire: { table: t }"], [], "SELECT * FROM t", "1|77")
    database = after_restore(stage, "CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL DEFAULT '' UNIQUE, k text NOT NULL DEFAULT 'usual'); INSERT INTO t VALUES (1, 'x');",
                             ["retire: { table: t, columns: [a, k] }"], ["INSERT INTO t VALUES (2), (3)"], "SELECT * FROM t", "1|x|usual")
    expect_equal(database.sql("SELECT count(*) FROM t"), "3", "rows after the second contract")
    after_restore(stage, "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL DEFAULT 7, b int, CHECK (a < b OR b IS NULL)); INSERT INTO t VALUES (1, 1, 2);",
                  ["retire: { table: t, columns: [a] }", "retire: { table: t, columns: [b] }"], ["INSERT INTO t VALUES (2)"], "SELECT * FROM t ORDER BY 1", "1|1|2\n2|7|")
