"""A column of the old and one of the new shape that hold the same thing: whoever writes, both are right (protocols 1 to 5)."""
from house import case, expect, expect_equal
from proof_way_back import Writers

TABLE = """CREATE TABLE t (id int PRIMARY KEY, status int NOT NULL DEFAULT 1, note text);
INSERT INTO t SELECT g, g % 5 + 1, 'n' FROM generate_series(1, 3000) g;"""
F = "CASE status WHEN 1 THEN 'open' WHEN 2 THEN 'paid' ELSE 'closed' END"
G = "CASE state WHEN 'open' THEN 1 WHEN 'paid' THEN 2 ELSE 4 END"
MIGRATION = """migration: small
about: A status has a name.
moves:
  - sql: ALTER TABLE t ADD COLUMN state text
  - backfill:
      table: t
      set: {{ state: "{f}" }}
      back: {{ status: "{g}" }}
      keep_in_sync: pair{more}
limits: {{ batch: 100 }}
"""
WRONG = f"SELECT count(*) FROM t WHERE state IS NULL OR NOT (state IS NOT DISTINCT FROM ({F}) OR status IS NOT DISTINCT FROM ({G}))"


def migration(f=F, g=G, more=""):
    return MIGRATION.format(f=f, g=g, more=more)


@case("pair: while rows are filled, what either application writes arrives at the other side", fast=True)
def both_write(stage):
    database = stage.own(TABLE, migration())
    before = database.fingerprint()["catalog"]
    database.up("expand")
    last = {}

    def write(tag):
        number = int(tag.split("-")[0])
        row = stage.random.randrange(750) * 4 + number + 1  # each writer has rows of its own
        if number == 0:  # the old application
            value = stage.random.randint(1, 5)
            last[row] = ("status", str(value), tag)
            return f"UPDATE t SET status = {value} WHERE id = {row} RETURNING '{tag}';"
        if number == 1:  # the new one
            value = stage.random.choice(["open", "paid", "closed"])
            last[row] = ("state", value, tag)
            return f"UPDATE t SET state = '{value}' WHERE id = {row} RETURNING '{tag}';"
        if number == 2:  # somebody who knows of neither
            return f"UPDATE t SET note = '{tag}' WHERE id = {row} RETURNING '{tag}';"
        return f"INSERT INTO t (id, status) VALUES (100000 + {tag.split('-')[1]}, {stage.random.randint(1, 5)}) RETURNING '{tag}';"

    writers = Writers(stage, database, 4, write)
    database.up("enforce")
    writers.end()
    expect_equal(database.sql(WRONG), "0", "rows whose sides contradict each other")
    told = dict(line.split("|", 1) for line in database.sql("SELECT id, status || '|' || state FROM t").splitlines())
    acknowledged = set(writers.acknowledged)
    for row, (column, value, tag) in last.items():
        status, state = told[str(row)].split("|")
        if tag in acknowledged:
            expect_equal(status if column == "status" else state, value, f"{column} of row {row}, written last by {tag}")
    database.down()
    expect_equal(database.fingerprint()["catalog"], before, "the catalog, there and back")
    return f"{len(acknowledged)} writes"


@case("pair: who is believed where both sides are written, and what an INSERT leaves out", fast=True)
def who_wins(stage):
    database = stage.own(TABLE + """CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.note = 'stop' THEN NEW.status := 5; END IF; RETURN NEW; END $$;
        CREATE TRIGGER own BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION own();""", migration())
    database.up("expand")

    def written(statement):
        return database.sql(f"{statement} RETURNING status, state")

    insert = "INSERT INTO t (id, {}) VALUES ((SELECT max(id) + 1 FROM t), {})"
    expect_equal(written(insert.format("note", "''")), "1|open", "neither side is given")
    expect_equal(written(insert.format("status", "2")), "2|paid", "the old side is given")
    expect_equal(written(insert.format("state", "'paid'")), "2|paid", "the new side is given")
    expect_equal(written(insert.format("status, state", "2, NULL")), "2|paid", "NULL is not given")
    expect_equal(written(insert.format("status, state", "5, 'paid'")), "5|closed", "both, before the switch")
    expect_equal(written("UPDATE t SET status = 1, state = 'paid' WHERE id = 7"), "1|open", "both changed, before the switch")
    expect_equal(written("UPDATE t SET state = 'paid' WHERE id = 8"), "2|paid", "the new side changed")
    expect_equal(written("UPDATE t SET note = 'x' WHERE id = 13"), "4|closed", "a row whose status is what NULL leads back to")
    expect_equal(written("UPDATE t SET note = 'stop' WHERE id = 8"), "5|closed", "a trigger of the user's changed the old side")
    expect_equal(written("UPDATE t SET note = 'x' WHERE id = 99"), "5|closed", "a row that was not filled yet")
    database.up()
    expect_equal(written(insert.format("status, state", "5, 'paid'")), "2|paid", "both, after the switch")
    expect_equal(written(insert.format("status", "2")), "2|paid", "the old side alone, after the switch")
    expect_equal(written("UPDATE t SET status = 5, state = 'paid' WHERE id = 7"), "2|paid", "both changed, after the switch")


@case("pair: what cannot be brought over fails no statement, and is found before the switch", fast=True)
def no_image(stage):
    database = stage.own(TABLE, migration("status::text", "state::int"))
    database.up("expand")
    expect_equal(database.sql("UPDATE t SET state = 'gold' WHERE id = 7 RETURNING status, state"), "3|gold", "what was written")
    database.sql("INSERT INTO t (id, state) VALUES (9001, 'gold')")
    answer = database.segue("run", "small", "--without-rehearsal", "--yes", code=None)
    expect(answer.code == 5, f"run ended with {answer.code}")
    database.sql("UPDATE t SET state = '4' WHERE id IN (7, 9001)")
    database.up()
    expect_equal(database.sql("SELECT status, state FROM t WHERE id = 7"), "4|4", "the row once it is mended")


@case("pair: what only the new side can say comes back, unless the old side has changed", fast=True)
def lossy(stage):
    database = stage.own(TABLE, migration())
    before = database.fingerprint()
    database.up()
    database.sql("UPDATE t SET state = 'archived' WHERE id IN (7, 9)")
    expect_equal(database.sql("SELECT DISTINCT status FROM t WHERE id IN (7, 9)"), "4", "the old side of it")
    database.down()
    expect_equal(database.fingerprint()["catalog"], before["catalog"], "the catalog, there and back")
    database.sql("UPDATE t SET status = 1 WHERE id = 9")
    database.up()
    expect_equal(database.sql("SELECT status, state FROM t WHERE id IN (7, 9) ORDER BY id"), "4|archived\n1|open", "what came back")
    expect_equal(database.sql("SELECT count(*) FROM segue.kept_row WHERE state = 'does_not_fit'"), "1", "what is told not to fit")
