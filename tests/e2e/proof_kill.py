"""The runner is killed at random moments, on the way up and on the way back; the same command goes on to the same end."""
import pathlib
import time

from applications import Application, check_journals
from house import case, expect, expect_equal, wait_until
import house

# clients is made by the migration: its times of day are no part of what must be equal.
CLIENTS = ("SELECT md5(string_agg(to_jsonb(c)::text, ',' ORDER BY id)) FROM (SELECT id, name, code, status, "
           "primary_contact_name, primary_contact_email FROM clients) c")


def end_state(database):
    """Catalog and data, and what is left out of them: clients.created_at and updated_at."""
    state = database.fingerprint()
    if "public.clients" in state["data"]:
        state["data"]["public.clients"] = database.sql(CLIENTS)
    return state


def kill_somewhere(database, arguments, random, lines):
    """Starts the command, kills it with -9 at a random line of its output and a little later. True: it was alive."""
    process = database.start(*arguments)
    at, later = random.randrange(lines), random.uniform(0, 0.03)
    seen = 0
    while seen <= at:
        if not process.stderr.readline():
            break
        seen += 1
    time.sleep(later)  # the moment is what is random here
    alive = process.poll() is None
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    return alive


def carry_on(database, arguments, random, kills, lines):
    """Runs to the end, killed so many times on the way; how many kills met a living process."""
    met = 0
    while True:
        if met < kills:
            met += kill_somewhere(database, arguments, random, lines)
            state = database.status()
            if state["state"] == "waiting":
                database.open_gate()
            if state["state"] in ("grace", "rolled_back"):
                return met
            continue
        done = database.segue(*arguments, code=None)
        if done.code == 3:
            database.open_gate()
            continue
        if done.code == 2 and database.status()["state"] == "rolled_back":
            return met
        expect(done.code == 0, f"`{done.command}` after {met} kills ended with {done.code}: {done.err.strip()[-1500:]}")
        return met


def journeys(stage, example, wanted, each):
    database = stage.database(example)
    before = end_state(database)
    database.up()
    up = end_state(database)
    database.down()
    expect_equal(end_state(database), before, "the undisturbed way back")
    run = ["run", database.migration, "--without-rehearsal", "--yes"]
    back = ["rollback", database.migration, "--yes"]
    up_kills = down_kills = rounds = 0
    while up_kills < wanted or down_kills < wanted:
        rounds += 1
        expect(rounds < 40, f"after 40 journeys only {up_kills} and {down_kills} kills met a living process")
        up_kills += carry_on(database, run, stage.random, each if up_kills < wanted else 0, 34)
        expect_equal(end_state(database), up, f"in grace, after {up_kills} kills")
        database.expect_clean()
        down_kills += carry_on(database, back, stage.random, 2 * each, 8)
        expect_equal(end_state(database), before, f"back at the beginning, after {down_kills} kills")
        database.expect_clean()
    return f"{up_kills} kills of run, {down_kills} of rollback, in {rounds} journeys"


@case("kill: the runner at 20 moments of run and of rollback")
def many(stage):
    return journeys(stage, "visionwest", 20, 4)


@case("kill: the runner at a few moments", fast="only")
def few(stage):
    return journeys(stage, "visionwest", 3, 4)


@case("kill: a backfill goes on from its cursor and carries no row twice")
def cursor(stage):
    database = stage.database()
    run = ["run", database.migration, "--without-rehearsal", "--yes", "--to", "backfill"]
    process = database.start(*run)
    carried = "SELECT coalesce(max(rows), 0) FROM segue.backfill_range"
    wait_until(lambda: database.sql("SELECT to_regclass('segue.backfill_range')"), "the ledger is there")
    wait_until(lambda: int(database.sql(carried)) > 1000, "the backfill is under way")
    process.kill()
    process.wait()
    met = database.sql(carried)
    database.segue(*run)
    rows = database.sql("SELECT rows FROM segue.step WHERE kind = 'backfill' ORDER BY ordinal").split()
    expect_equal(rows, ["200", str(house.settings.scale)], "rows carried by the two backfills, both runs together")
    return f"killed after {met} rows"


@case("kill: while the old application works, up and back: no statement fails, no write is lost")
def with_traffic(stage):
    database = stage.database()
    old = pathlib.Path(database.project) / "traffic" / "old.yaml"
    application = Application(stage, database, old)
    run = ["run", database.migration, "--without-rehearsal", "--yes", "--to", "enforce"]
    back = ["rollback", database.migration, "--yes"]
    met = 0
    for _ in range(2):
        for _ in range(4):
            met += kill_somewhere(database, run, stage.random, 14)
        database.segue(*run)
        for _ in range(3):
            met += kill_somewhere(database, back, stage.random, 6)
        if database.status()["state"] != "rolled_back":
            database.segue(*back)
        application.works(5)
    application.stop()
    checked = check_journals(database, old, [application.journal])
    database.expect_clean()
    return (f"{met} kills, {application.statements} statements, {checked['acknowledged']} acknowledged writes, longest stall by "
            f"segue {application.stall:.0f} ms")


@case("kill: the contract and its restore")
def contract(stage):
    database = stage.database()
    database.up()
    grace = end_state(database)
    database.approve("grace", "operator", "--open", "the proof needs no two days")
    database.segue("finish", database.migration, "--yes")
    contracted = end_state(database)
    met = 0
    for _ in range(3):
        for command, wanted, state in ((["restore"], grace, "grace"), (["finish"], contracted, "contracted")):
            if command == ["finish"]:
                database.approve("grace", "operator", "--open", "the proof needs no two days")
            arguments = [*command, database.migration, "--yes"]
            met += kill_somewhere(database, arguments, stage.random, 3)
            if database.status()["state"] != state:
                database.segue(*arguments)
            expect_equal(end_state(database), wanted, f"after {command[0]}")
            database.expect_clean()
    return f"{met} kills"


@case("kill: the last moment of a restore, when only the ledger was to be written")
def last_moment(stage):
    """A trigger holds it up where the ledger turns round: what is written before that must be one with it."""
    database = stage.database()
    database.up()
    grace = end_state(database)
    database.approve("grace", "operator", "--open", "the proof needs no two days")
    database.segue("finish", database.migration, "--yes")
    database.sql("""CREATE FUNCTION segue.hold_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(1);
        RETURN NEW; END $$; CREATE TRIGGER hold_up BEFORE UPDATE ON segue.migration_history FOR EACH ROW
        WHEN (OLD.direction = 'down' AND NEW.direction = 'up') EXECUTE FUNCTION segue.hold_up();""")
    holder = stage.session(database.url, "holder")
    holder.ask("SELECT pg_advisory_lock(1);")
    process = database.start("restore", database.migration, "--yes")
    wait_until(lambda: process.poll() is not None or database.sql(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'") != "0", "it turns round")
    expect(process.poll() is None, "it has ended")
    process.kill()
    process.wait()
    holder.ask("SELECT pg_advisory_unlock(1);")
    database.sql("DROP FUNCTION segue.hold_up() CASCADE")
    if database.status()["state"] != "grace":
        database.segue("restore", database.migration, "--yes")
    expect_equal(end_state(database), grace, "after restore")
    expect_equal(database.status()["state"], "grace", "the state")
    database.expect_clean()
