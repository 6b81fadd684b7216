"""Both applications at work while everybody else is busy with the same tables: nobody fails, nobody waits for us. What they wait
for otherwise is compared with the same crowd without segue."""
import json
import signal
import subprocess
import threading
import time

import deals
from applications import MOST_MS, Application, check_journals
from house import case, environment, expect, expect_equal, psql, wait_until
from journeys import only_in_soak

BUCKETS = (10, 50, 100, 500, 5000)


class Crowd:
    """Neighbours that each do their thing in a loop, until they are sent away."""

    def __init__(self, stage, database, *things):
        self.stage, self.database, self.ending, self.done = stage, database, False, {}
        self.threads = [threading.Thread(target=self.go, args=(thing,)) for thing in things]
        for thread in self.threads:
            thread.start()
        stage.at_end(self.leave)

    def go(self, thing):
        session = self.stage.session(self.database.url, thing)
        number = 0
        while not self.ending:
            number += 1
            said = {"dumps": lambda: self.dump(),
                    "reindexes": lambda: session.ask("REINDEX INDEX CONCURRENTLY deals_amount_idx;"),
                    "indexes": lambda: session.ask("CREATE INDEX CONCURRENTLY theirs ON lines (what); DROP INDEX CONCURRENTLY theirs; "
                                                   "CREATE INDEX theirs_2 ON small_one (id); DROP INDEX theirs_2;"),
                    "long readers": lambda: session.ask("BEGIN; SELECT count(*) FROM deals; SELECT pg_sleep(0.8); COMMIT; SELECT pg_sleep(0.3);"),
                    "long writers": lambda: session.ask("BEGIN; UPDATE deals SET amount = amount WHERE id BETWEEN 380 AND 400; SELECT "
                                                        "pg_sleep(0.5); COMMIT; SELECT pg_sleep(0.3);")}[thing]()
            self.done[thing] = number
            if thing == "reindexes" and "deadlock" in (said or ""):
                self.done["deadlocks of reindexes"] = self.done.get("deadlocks of reindexes", 0) + 1

    def dump(self):
        subprocess.run(["pg_dump", "-d", self.database.url, "-f", "/dev/null"], capture_output=True, env=environment(), check=False)

    def leave(self):
        self.ending = True
        for thread in self.threads:
            thread.join()

    def told(self):
        return ", ".join(f"{number} {thing}" for thing, number in sorted(self.done.items()))


def eager_vacuum(stage, database):
    admin = database.url.rsplit("/", 1)[0] + "/postgres"
    # On the shared server, for this case alone.
    psql(admin, "ALTER SYSTEM SET autovacuum_naptime = '1s'")
    psql(admin, "SELECT pg_reload_conf()")

    def calm():
        psql(admin, "ALTER SYSTEM RESET autovacuum_naptime")
        psql(admin, "SELECT pg_reload_conf()")
    stage.at_end(calm)
    for table in ("deals", "lines"):
        database.sql(f"ALTER TABLE {table} SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, "
                     "autovacuum_analyze_threshold = 1, autovacuum_analyze_scale_factor = 0, autovacuum_vacuum_cost_delay = 0, "
                     "autovacuum_vacuum_insert_threshold = 1, autovacuum_vacuum_insert_scale_factor = 0)")


def end(application):
    """Its report; nothing failed. Stalls are counted by how long they were, and by who was to blame."""
    application.process.send_signal(signal.SIGINT)
    out, err = application.process.communicate(timeout=60)
    report = json.loads(out)
    expect_equal(report["failed"], 0, f"failed statements of {application.name}: {report['by_sqlstate']} {report.get('samples')}")
    return report


def histogram(reports):
    """Stalls by their longest wait: those that are ours, those that are others'."""
    ours, others = [0] * (len(BUCKETS) + 1), [0] * (len(BUCKETS) + 1)
    longest = {"segue": 0, "others": 0}
    for report in reports:
        for stall in report["stalls"]:
            mine = stall["blocked_by"] == "segue"
            at = sum(stall["longest_ms"] > most for most in BUCKETS)
            (ours if mine else others)[at] += stall.get("count", 1)
            key = "segue" if mine else "others"
            longest[key] = max(longest[key], stall["longest_ms"])
    return ours, others, longest


def shown(counts):
    names = [f"≤{most}" for most in BUCKETS] + [f">{BUCKETS[-1]}"]
    return " ".join(f"{name}:{count}" for name, count in zip(names, counts) if count) or "none"


def day(stage, things, with_segue, alone_s=5):
    database = deals.modern(deals.own(stage, 8000))
    database.sql("CREATE TABLE small_one (id int)")
    old_file, new_file = deals.traffic(database, "old"), deals.traffic(database, "new")
    eager_vacuum(stage, database)
    old = [Application(stage, database, old_file, protocol, rate=120, connections=3) for protocol in ("prepared", "simple")]
    crowd = Crowd(stage, database, *things)
    new = []
    if with_segue:
        database.up("expand")
        new.append(Application(stage, database, new_file, rate=120, connections=3))
        database.up()
        new[0].works(20)
        reports = [end(new[0])]
        check_journals(database, new_file, [new[0].journal])
        database.down()
    else:
        reports = []
        started = time.monotonic()
        wait_until(lambda: time.monotonic() - started > alone_s, "some seconds have passed")
    for one in old:
        one.works(10)
        reports.append(end(one))
    crowd.leave()
    check_journals(database, old_file, [one.journal for one in old])
    return reports, crowd


def both_days(stage, *things):
    alone, _ = day(stage, things, False)
    reports, crowd = day(stage, things, True)
    ours, others, longest = histogram(reports)
    _, without, longest_without = histogram(alone)
    note = (f"{sum(one['statements'] for one in reports)} statements, 0 failed; stalls by segue {shown(ours)}, longest {longest['segue']:.0f} ms; "
            f"by others {shown(others)}, longest {longest['others']:.0f} ms; by others without segue {shown(without)}, longest "
            f"{longest_without['others']:.0f} ms; {crowd.told()}")
    expect(longest["segue"] <= MOST_MS, f"somebody waited for us: {note}")
    return note


@case("crowd: pg_dump in a loop, an eager autovacuum, a long writer and a reader that idles in its transaction")
def readers(stage):
    return both_days(stage, "dumps", "long readers", "long writers")


@case("crowd: somebody reindexes concurrently and makes indexes, beside an eager autovacuum")
def builders(stage):
    only_in_soak()
    return both_days(stage, "reindexes", "indexes")
