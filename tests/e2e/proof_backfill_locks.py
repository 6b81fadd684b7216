"""Locks of every kind on a table whose rows are carried: it ends, nobody fails, and nobody waits for segue for long."""
import threading
import time

from house import case, expect, expect_equal, wait_until
import proof_backfill
from proof_backfill import RIGHT, RUN, SCHEMA, carried

MIGRATION = proof_backfill.MIGRATION.format(more="").replace("length(title)", "length(title) + 0 * length(md5(repeat(title, 1500)))")
MOST_MS = 200

# Who waits for a session of segue's, directly or in a queue behind it.
WAITERS = """SELECT w.pid, w.application_name, b.application_name FROM pg_stat_activity w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) x
  JOIN pg_stat_activity b ON b.pid = x WHERE w.wait_event_type = 'Lock' AND w.application_name NOT LIKE 'segue%'
  AND b.application_name LIKE 'segue%' AND w.datname = current_database();"""


class Together:
    """Things that are done at the same time, each in a thread, until they are stopped."""

    def __init__(self, stage):
        self.ending, self.threads, self.said = False, [], []
        stage.at_end(self.stop)

    def go(self, thing):
        thread = threading.Thread(target=thing)
        self.threads.append(thread)
        thread.start()

    def repeat(self, session, sql):
        """`sql()` again and again; whatever it says is an error."""
        def loop():
            while not self.ending:
                answer = session.ask(sql())
                if answer:
                    self.said.append(answer)
                time.sleep(0.01)  # people think
        self.go(loop)

    def stop(self):
        self.ending = True
        for thread in self.threads:
            thread.join()


class Watch:
    """Samples who waits for segue, and for how long without a break."""

    def __init__(self, stage, database, together):
        self.session, self.together = stage.session(database.url, "watch"), together
        self.since, self.longest_ms, self.samples, self.seen = {}, 0, 0, ""
        together.go(self.loop)

    def loop(self):
        while not self.together.ending:
            now = time.monotonic()
            waiting = {line.split("|")[0]: line for line in self.session.ask(WAITERS).splitlines()}
            after = time.monotonic()
            self.since = {pid: self.since.get(pid, now) for pid in waiting}
            for pid, since in self.since.items():
                if (after - since) * 1000 > self.longest_ms:
                    self.longest_ms, self.seen = (after - since) * 1000, waiting[pid]
            self.samples += 1
            time.sleep(0.003)


def expect_watch_sees(stage, database):
    """That a wait of 400 ms behind somebody called segue is seen, or the rest would prove nothing."""
    together = Together(stage)
    watch = Watch(stage, database, together)
    holder, waiter = stage.session(database.url, "segue of old"), stage.session(database.url, "application")
    holder.ask("BEGIN; UPDATE w SET amount = amount WHERE id = 1;")
    together.go(lambda: waiter.ask("UPDATE w SET amount = amount WHERE id = 1;"))
    wait_until(lambda: watch.longest_ms > 400, "the watch sees a wait")
    holder.ask("COMMIT;")
    together.stop()
    holder.close()


@case("backfill hard: rows held FOR UPDATE all the while, the whole table locked for two seconds, random rows held in a loop")
def hostile(stage):
    rows, held, random = 15000, 100, stage.random
    database = stage.own(SCHEMA % rows, MIGRATION)
    expect_watch_sees(stage, database)
    database.up("expand")
    first = random.randrange(1, rows - held)
    holder, locker = stage.session(database.url, "report of an hour"), stage.session(database.url, "maintenance")
    expect_equal(holder.ask(f"BEGIN; SELECT count(*) FROM (SELECT FROM w WHERE id BETWEEN {first} AND {first + held - 1} FOR UPDATE) x;"), str(held), "rows held")
    together = Together(stage)
    free = [n for n in range(1, rows) if not first <= n < first + held]
    for number in range(2):
        together.repeat(stage.session(database.url, f"application {number}"), lambda: "".join(
            f"UPDATE w SET amount = amount + 1 WHERE id = {random.choice(free)}; INSERT INTO w (title, amount) VALUES ('new', 1);" for _ in range(3)))
    together.repeat(stage.session(database.url, "queue"), lambda: "BEGIN; SELECT count(*) * 0 FROM (SELECT FROM w WHERE id IN (" + ", ".join(
        str(random.choice(free)) for _ in range(5)) + ") FOR UPDATE SKIP LOCKED) x \\g /dev/null\n SELECT pg_sleep(0.03) \\g /dev/null\n COMMIT;")
    watch = Watch(stage, database, together)
    process = database.start(*RUN)
    wait_until(lambda: carried(database) > 0, "it carries")
    expect(process.poll() is None, "it ended too early")
    locker.ask("BEGIN; LOCK TABLE w IN SHARE ROW EXCLUSIVE MODE;")
    before = carried(database)
    locker.ask("SELECT pg_sleep(2);")
    expect_equal(carried(database), before, "rows carried under a lock of the whole table")
    locker.ask("COMMIT;")
    left = "SELECT count(*) FROM w WHERE total IS NULL"
    wait_until(lambda: database.sql(left) == str(held) or process.poll() is not None, "it goes on around what is held")
    expect(process.poll() is None, f"it ended while rows were held: {process.poll() is not None and process.communicate()[1][-300:]}")
    expect_equal(database.sql(f"SELECT count(total) FROM w WHERE id BETWEEN {first} AND {first + held - 1}"), "0", "held rows that are carried")
    holder.ask("COMMIT;")
    err = process.communicate(timeout=60)[1]
    together.stop()
    expect_equal(process.returncode, 0, f"the exit code ({err[-400:]})")
    expect(not together.said, f"a statement of the application failed: {together.said[:3]}")
    expect_equal(database.sql(RIGHT), "0", "rows that are not right")
    expect(watch.longest_ms <= MOST_MS, f"somebody waited for segue for {watch.longest_ms:.0f} ms: {watch.seen}")
    return f"{carried(database)} rows; longest wait for segue {watch.longest_ms:.0f} ms in {watch.samples} looks"


@case("backfill hard: 300 rows that somebody holds are passed over in a second or two")
def held_rows(stage):
    rows, held = 5000, 300
    database = stage.own(SCHEMA % rows, MIGRATION.replace("title, 1500", "title, 1"))
    database.up("expand")
    holder = stage.session(database.url, "report of an hour")
    holder.ask(f"BEGIN; SELECT count(*) FROM (SELECT FROM w WHERE id BETWEEN 2001 AND {2000 + held} FOR UPDATE) x;")
    process = database.start(*RUN)
    wait_until(lambda: carried(database) >= 1000, "it carries")
    began = time.monotonic()
    wait_until(lambda: carried(database) == rows - held, "all others are carried", 60)
    took = time.monotonic() - began
    holder.ask("COMMIT;")
    err = process.communicate(timeout=60)[1]
    expect_equal(process.returncode, 0, f"the exit code ({err[-400:]})")
    expect_equal(database.sql(RIGHT), "0", "rows that are not right")
    expect(took < 3, f"the 4,700 rows around 300 that are held took {took:.1f} s")
    return f"{took:.1f} s"
