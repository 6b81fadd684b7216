"""One runner at a time: the second is told who the first is, and takes over once that is dead."""
import time

from house import case, expect, expect_equal, wait_until


@case("runners: the second ends with 4 and names the first; it takes over from a killed one", fast=True)
def second(stage):
    database = stage.database()
    # Held up before its first strong lock, so that it is there for as long as is wanted.
    reader = stage.session(database.url, "report")
    reader.ask("BEGIN; SELECT count(*) FROM users;")
    run = ["run", database.migration, "--without-rehearsal", "--yes", "--to", "expand"]
    first = database.start(*run)
    wait_until(lambda: database.status()["running"], "the first runs")
    started = time.monotonic()
    done = database.segue(*run, code=4)
    took = time.monotonic() - started
    expect(f"process {first.pid}" in done.err, f"the first is not named: {done.err}")
    expect(first.poll() is None, "the first has ended")
    first.kill()
    first.wait()
    reader.ask("COMMIT;")
    started = time.monotonic()
    database.segue(*run)
    over = time.monotonic() - started
    expect(over < 15, f"taking over took {over:.1f} s")
    expect_equal(database.status()["completed"], "expand", "what the second reached")
    database.expect_clean()
    return f"refused after {took:.1f} s, taken over within {over:.1f} s"


@case("runners: a rollback beside a run is refused as well")
def other_way(stage):
    database = stage.database()
    reader = stage.session(database.url, "report")
    reader.ask("BEGIN; SELECT count(*) FROM users;")
    first = database.start("run", database.migration, "--without-rehearsal", "--yes", "--to", "expand")
    wait_until(lambda: database.status()["running"], "the first runs")
    database.segue("rollback", database.migration, "--yes", code=4)
    reader.ask("COMMIT;")
    first.communicate(timeout=60)
    expect_equal(first.returncode, 0, "the first's exit code")


@case("runners: Ctrl-C stops a run with 4, and it goes on", fast=True)
def interrupted(stage):
    import signal
    database = stage.database()
    reader = stage.session(database.url, "report")
    reader.ask("BEGIN; SELECT count(*) FROM users;")
    run = ["run", database.migration, "--without-rehearsal", "--yes", "--to", "expand"]
    first = database.start(*run)
    wait_until(lambda: database.status()["running"], "it runs")
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=30)
    expect_equal(first.returncode, 4, "the exit code after Ctrl-C")
    expect_equal(database.status()["state"], "stopped", "the state after Ctrl-C")
    reader.ask("COMMIT;")
    database.segue(*run)


@case("runners: pause stops a run with 4, and it goes on")
def paused(stage):
    database = stage.database()
    database.segue("pause", code=2)
    reader = stage.session(database.url, "report")
    reader.ask("BEGIN; SELECT count(*) FROM users;")
    run = ["run", database.migration, "--without-rehearsal", "--yes", "--to", "expand"]
    first = database.start(*run)
    wait_until(lambda: database.status()["running"], "it runs")
    database.segue("pause")
    err = first.communicate(timeout=30)[1]
    expect_equal(first.returncode, 4, "the exit code after a pause")
    expect("paused, as asked" in err, f"it says: {err[-300:]}")
    reader.ask("COMMIT;")
    database.segue(*run)


@case("runners: pause is heard while a hook's command runs and while the backup waits for a table")
def paused_outside(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY); CREATE TABLE other (id int); INSERT INTO o VALUES (1);",
                         "migration: small\nabout: x\nmoves:\n  - sql: ALTER TABLE o ADD COLUMN n int\n    phase: expand\n"
                         "hooks:\n  - { after: expand, command: [sleep, 60] }\n")
    run = ("run", "small", "--without-rehearsal", "--yes", "--to", "expand")
    holder = stage.session(database.url, "holder")
    holder.ask("BEGIN; LOCK TABLE other IN ACCESS EXCLUSIVE MODE;")
    waits = ["the hook"]
    if int(database.sql("SHOW server_version_num")) < 160000:  # pg_dump here is 15
        waits.insert(0, "the backup")
    begun = {"the backup": "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'other'::regclass AND NOT granted",
             "the hook": "SELECT count(*) > 0 FROM segue.hook_result WHERE state = 'begun'"}
    told = []
    for what in waits:
        database.backup = "" if what == "the backup" else "--no-backup"
        process = database.start(*run)
        wait_until(lambda: process.poll() is not None or database.sql(begun[what]) == "t", f"{what} is under way", 20)
        expect(process.poll() is None, f"{what}: it has ended: {process.poll() and process.communicate()[1][-400:]}")
        database.segue("pause")
        started = time.monotonic()
        err = process.communicate(timeout=30)[1]
        told.append(f"{what} {time.monotonic() - started:.1f} s")
        expect(process.returncode == 4 and "paused, as asked" in err, f"{what}: it ended with {process.returncode}: {err[-400:]}")
        holder.ask("ROLLBACK;")
    expect(all(float(one.split()[-2]) < 5 for one in told), f"a pause took long: {told}")
    return ", ".join(told)
