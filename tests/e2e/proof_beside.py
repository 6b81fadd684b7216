"""Beside an application a backfill takes only a part of the time, says so, and takes all of it where it is told to."""
import subprocess

from house import case, environment, expect, expect_equal, wait_until
from proof_backfill import RIGHT, RUN, progress, slow


class Application:
    """A session that never rests."""

    def __init__(self, database):
        self.process = subprocess.Popen(["psql", "-XAtq", database.url], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
                                        env=environment())
        database.stage.at_end(self.end)
        self.process.stdin.write("DO $$ BEGIN LOOP PERFORM count(*) FROM generate_series(1, 20000); COMMIT; END LOOP; END $$;\n")
        self.process.stdin.flush()

    def end(self):
        self.process.kill()
        self.process.wait()


@case("beside others: it says how much it takes, and throttle=off takes all", fast=True)
def beside(stage):
    database = slow(stage, 60000, more="limits: { workers: 2 }\n")
    application = Application(database)
    process = database.start(*RUN)
    wait_until(lambda: "a small transaction takes" in progress(database).get("slowed", ""), "it says what it measured")
    database.segue("set", "throttle=off")
    wait_until(lambda: process.poll() is not None or (progress(database).get("workers") == 2 and not progress(database)["slowed"]), "it takes all")
    application.end()
    err = process.communicate(timeout=120)[1]
    expect(process.returncode == 0, err[-400:])
    expect_equal(database.sql(RIGHT), "0", "rows that are not right")
    expect_equal(database.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'segue worker%'"), "0", "sessions that were left")
