"""Rows are carried while four sessions write the same table until the run has ended: no row is wrong, lost or doubled."""
import random
import threading
import time

from house import case, expect, expect_equal, wait_until
from proof_backfill import RUN, carried

MIGRATION = """migration: small
about: x
moves:
  - sql: ALTER TABLE w ADD COLUMN total text, ADD COLUMN shout text
  - backfill: {{ table: w, set: {{ total: "md5(title || coalesce(note, '')) || ':' || amount || left(md5(repeat(title, 1000)), 2)",
                shout: upper(note) }}, keep_in_sync: derive {more}}}
windows: {{ grace: 0s }}
"""
WRONG = ("SELECT count(*) FROM w WHERE total IS DISTINCT FROM (md5(title || coalesce(note, '')) || ':' || amount || left(md5(repeat(title, "
         "1000)), 2)) OR shout IS DISTINCT FROM upper(note)")
# Random letters: too long for a page, and no shorter when they are compressed.
LONG_TEXT = "(SELECT string_agg(md5(random()::text || g), '') FROM generate_series(1, {}) g)"
# What a text key may hold.
AWKWARD = r"""format((ARRAY['o''ne "%s"', 'back\slash,%s', '{{br,ace}}%s', E'two\nlines %s', ' %s', 'Äß…%s', '["%s"]', 'NULL%s'])[1 + {0} % 8], {0})"""


class Key:
    """A kind of key: its columns, their values for row number `n`, and how the application changes them."""

    def __init__(self, columns, names, values, change):
        self.columns, self.names, self.values, self.change = columns, names, values, change


def awkward(number):
    return AWKWARD.format(number)


KEYS = {
    "int": Key("id bigint PRIMARY KEY,", "id, ", lambda n: f"{n}, ", lambda n, some: f"id = {some.choice(['-id - 5000000', 'id + 70000000', '9000000 - id'])}"),
    "uuid": Key("id uuid PRIMARY KEY,", "id, ", lambda n: "gen_random_uuid(), ", lambda n, some: "id = gen_random_uuid()"),
    "text": Key(""""o'ne" text, "t""wo" text, PRIMARY KEY ("o'ne", "t""wo"),""", """"o'ne", "t""wo", """,
                lambda n: f"{awkward(n)}, ({n})::text || E'\\'\"\\\\', ",
                lambda n, some: f""""o'ne" = {awkward(some.randrange(10**6))}, "t""wo" = "t""wo" || '"' || {some.randrange(10**6)}"""),
    "none": Key("", "", lambda n: "", None),
}


def schema(key, rows):
    return f"""CREATE TABLE w ({key.columns} n bigint NOT NULL, v int NOT NULL DEFAULT 0, title text NOT NULL, amount int, note text,
  pad text DEFAULT repeat('x', 100)) WITH (fillfactor = 95);
CREATE INDEX w_n ON w (n);
INSERT INTO w ({key.names} n, title, amount, note) SELECT {key.values('g')} g, 'row ' || g || '.0', g % 977,
  CASE WHEN g % 25 = 0 THEN {LONG_TEXT.format('100 + g % 60')} END FROM generate_series(1, {rows}) g;
ANALYZE w;"""


class Writer:
    """One session that writes its own rows (every fourth) and knows what each must be in the end."""

    def __init__(self, writers, number, rows):
        self.writers, self.key, self.number = writers, writers.key, number
        self.random = random.Random(writers.stage.random.random())
        self.versions = {n: 0 for n in range(1, rows + 1) if n % 4 == number}
        self.alive = list(self.versions)
        self.next, self.writes, self.said = 10**7 + number, 0, ""

    def take(self):
        place = self.random.randrange(len(self.alive))
        return place, self.alive[place]

    def change(self, n, versions, what):
        versions[n] += 1
        return f"UPDATE w SET v = {versions[n]}, title = 'row {n}.{versions[n]}'{what} WHERE n = {n};"

    def statement(self, versions, alive):
        some, kind = self.random, self.random.randrange(14)
        if kind < 3:
            n, self.next = self.next, self.next + 4
            versions[n] = 0
            alive.append(n)
            note = some.choice(["NULL", "'short'", LONG_TEXT.format(some.randrange(80, 250))])
            return (f"INSERT INTO w ({self.key.names} n, title, amount, note) VALUES ({self.key.values(n)} {n}, 'row {n}.0', "
                    f"{some.randrange(1000)}, {note});")
        place = some.randrange(len(alive))
        n = alive[place]
        if kind < 5:
            alive[place] = alive[-1]
            alive.pop()
            del versions[n]
            return f"DELETE FROM w WHERE n = {n};"
        if kind < 7 and self.key.change:
            return self.change(n, versions, ", " + self.key.change(n, some))
        what = some.choice(["", f", amount = {some.randrange(1000)}", ", amount = NULL", ", note = NULL", ", total = NULL, shout = 'wrong'",
                            f", note = {LONG_TEXT.format(some.randrange(80, 250))}", f", pad = repeat('y', {some.randrange(300)})"])
        return self.change(n, versions, what)

    def go(self):
        session = self.writers.stage.session(self.writers.database.url, f"writer {self.number}")
        while not self.writers.ending and not self.said:
            one = self.statement(self.versions, self.alive)
            for _ in range(self.random.randrange(12)):
                one += "\n" + self.statement(self.versions, self.alive)
            kind = self.random.randrange(5)
            if kind == 0:  # all of it in one transaction
                one = f"BEGIN;\n{one}\nCOMMIT;"
            elif kind == 1:  # something that never was
                lost = "".join(self.statement(dict(self.versions), list(self.alive)) for _ in range(3))
                one = f"{one}\nBEGIN;\n{lost}\nROLLBACK;"
            self.said = session.ask(one)
            self.writes += one.count(";\n") + 1
            time.sleep(0.02)  # people think, and the machine has few cores: else the writers, not the engine, change most rows


class Writers:
    def __init__(self, stage, database, key, rows):
        self.stage, self.database, self.key, self.ending = stage, database, key, False
        self.all = [Writer(self, number, rows) for number in range(4)]
        self.threads = [threading.Thread(target=one.go) for one in self.all]
        for thread in self.threads:
            thread.start()
        stage.at_end(self.stop)

    def stop(self):
        self.ending = True
        for thread in self.threads:
            thread.join()

    def writes(self):
        return sum(one.writes for one in self.all)

    def expect_all_there(self):
        """By what the writers remember, which segue knows nothing of."""
        for one in self.all:
            expect(not one.said, f"a statement of writer {one.number} failed: {one.said[:300]}")
        wanted = {n: v for one in self.all for n, v in one.versions.items()}
        found = [tuple(int(part) for part in line.split("|")) for line in self.database.sql("SELECT n, v FROM w").splitlines()]
        numbers = [n for n, _ in found]
        expect_equal(len(numbers) - len(set(numbers)), 0, "rows that are there twice")
        lost, more = sorted(set(wanted) - set(numbers)), sorted(set(numbers) - set(wanted))
        expect(not lost and not more, f"{len(lost)} rows are lost ({lost[:5]}), {len(more)} came back ({more[:5]})")
        older = [n for n, v in found if v != wanted[n]]
        expect(not older, f"{len(older)} rows are not as they were written last: {older[:5]}")
        expect_equal(self.database.sql("SELECT count(*) FROM w WHERE title <> 'row ' || n || '.' || v"), "0", "rows with another's title")


def written_meanwhile(stage, kind, more="", rows=24000):
    key = KEYS[kind]
    database = stage.own(schema(key, rows), MIGRATION.format(more=more))
    database.up("expand")
    writers = Writers(stage, database, key, rows)
    process = database.start(*RUN)
    wait_until(lambda: carried(database) > 0 or process.poll() is not None, "it carries")
    before = writers.writes()
    err = process.communicate(timeout=100)[1]
    during = writers.writes() - before
    writers.stop()
    expect_equal(process.returncode, 0, f"the exit code ({err[-500:]})")
    writers.expect_all_there()
    expect_equal(database.sql(WRONG), "0", "rows that are not right")
    expect(during > 500, f"only {during} statements while it carried")
    states = database.sql("SELECT string_agg(DISTINCT state, ' ') FROM segue.backfill_range")
    expect_equal(states, "right", "what the ledger says of the ranges")
    by_pages = database.sql("SELECT bool_and(hi LIKE 'page %') FROM segue.backfill_range") == "t"
    expect_equal(by_pages, not more, "walked by pages")
    repaired = database.sql("SELECT message FROM segue.event WHERE code = 'repaired'")
    return f"{during} statements meanwhile, {carried(database)} rows carried{'; ' + repaired if repaired else ''}"


@case("backfill hard: four writers until it has ended, by pages, with a key of int")
def by_int(stage):
    return written_meanwhile(stage, "int")


@case("backfill hard: four writers until it has ended, along a key of uuid")
def by_uuid(stage):
    return written_meanwhile(stage, "uuid", ", key: [id]")


@case("backfill hard: four writers until it has ended, along a key of two texts with quotes in names and values")
def by_text(stage):
    return written_meanwhile(stage, "text", ''', key: ["o'ne", 't"wo']''')


@case("backfill hard: four writers until it has ended, by pages, without any key")
def by_nothing(stage):
    return written_meanwhile(stage, "none")
