"""What a day can bring to a run: a second runner, a wrong clock, a full disk, lost rights, a renamed table, no connections."""
import getpass
import os
import pathlib
import subprocess
import tempfile
import time

from house import LeftOut, case, expect, expect_equal, psql, wait_until
from journeys import state_of, system
from proof_server_stop import Cluster
from proof_way_back import TENANCY

RUN = ("--without-rehearsal", "--yes")
TABLE = "CREATE TABLE o (id int PRIMARY KEY, t text); INSERT INTO o SELECT g, repeat('x', 50) FROM generate_series(1, {rows}) g;"


def own(stage, rows=500, more=""):
    return stage.own(TABLE.format(rows=rows), TENANCY.format(tables="o") + more)


def names_the_first(said, first):
    for word in (f"process {first.pid}", os.uname().nodename, getpass.getuser(), "last sign of life was"):
        expect(word in said, f"'{word}' is not said: {said[-600:]}")


@case("hostile: two at once go back, finish, restore and purge: one does it, the other ends with 4 and names the first")
def two_at_once(stage):
    database = system(stage, 200)
    database.up()
    for command in ("finish", "restore", "finish", "purge"):
        # Both meet a reader, so that the first cannot be done before the second has come.
        table = database.sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname IN ('deals', 'opportunities')")
        reader = stage.session(database.url, "report")
        reader.ask(f"BEGIN; SELECT count(*) FROM {table}, accounts WHERE false;")
        both = [database.start(command, "small", "--yes") for _ in range(2)]
        wait_until(lambda: any(one.poll() is not None for one in both), f"one of two `segue {command}` ends", 40)
        first, second = sorted(both, key=lambda one: one.poll() is not None)
        err = second.communicate()[1]
        expect_equal(second.returncode, 4, f"the exit code of the second `segue {command}` ({err[-300:]})")
        names_the_first(err, first)
        reader.ask("COMMIT;")
        err = first.communicate(timeout=60)[1]
        expect_equal(first.returncode, 0, f"the exit code of the first `segue {command}` ({err[-300:]})")
        reader.close()
    database.expect_clean()


@case("hostile: two rollbacks at once, and two runs")
def two_ways(stage):
    database = own(stage)
    before = database.fingerprint()
    for command in (("run", "small", *RUN, "--to", "enforce"), ("rollback", "small", "--yes")):
        reader = stage.session(database.url, "report")
        reader.ask("BEGIN; SELECT count(*) FROM o;")
        both = [database.start(*command) for _ in range(2)]
        wait_until(lambda: any(one.poll() is not None for one in both), f"one of two `segue {command[0]}` ends", 40)
        first, second = sorted(both, key=lambda one: one.poll() is not None)
        err = second.communicate()[1]
        expect_equal(second.returncode, 4, f"the exit code of the second `segue {command[0]}` ({err[-300:]})")
        names_the_first(err, first)
        reader.ask("COMMIT;")
        first.communicate(timeout=60)
        expect_equal(first.returncode, 0, f"the exit code of the first `segue {command[0]}`")
        reader.close()
    expect_equal(database.fingerprint(), before, "catalog and data")


def with_clock(database, stage, shift):
    """The program's own clock goes wrong: what it says is in a file, and can be changed in the middle of a run."""
    found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise LeftOut("libfaketime is not here")
    file = stage.folder / "clock"
    file.write_text(shift)
    plain = type(database).environment
    database.environment = lambda **more: plain(database, LD_PRELOAD=str(found[0]), FAKETIME_TIMESTAMP_FILE=str(file), FAKETIME_NO_CACHE="1",
                                                FAKETIME_DONT_FAKE_MONOTONIC="1", **more)
    return file


TIMES = """SELECT string_agg(format('SELECT %L, min(%I)::text, max(%I)::text FROM segue.%I HAVING min(%I) < %L OR max(%I) > clock_timestamp()',
  table_name || '.' || column_name, column_name, column_name, table_name, column_name, '{since}', column_name), ' UNION ALL ')
  FROM information_schema.columns WHERE table_schema = 'segue' AND data_type LIKE 'timestamp%'"""


@case("hostile: the client's clock is ten days off, and jumps in the middle: gates, grace and trash go by the server's")
def clock(stage):
    database = own(stage, 20000, "windows: { grace: 48h, trash: 7d }\n")
    since = database.sql("SELECT clock_timestamp()")
    file = with_clock(database, stage, "+10d")
    database.segue("run", "small", *RUN, "--to", "expand")
    process = database.start("run", "small", *RUN)
    wait_until(lambda: database.sql("SELECT coalesce(max(rows), 0) > 1000 FROM segue.backfill_range") == "t" or process.poll() is not None, "it carries")
    file.write_text("-10d")
    age = float(database.sql("SELECT extract(epoch FROM clock_timestamp() - heartbeat) FROM segue.runner"))
    expect(0 <= age < 5, f"its heartbeat is {age} s old by the server's clock")
    err = process.communicate(timeout=60)[1]
    expect_equal(process.returncode, 0, f"the exit code of a run whose clock jumped ({err[-400:]})")
    for shift in ("+10d", "-10d", "+400d"):
        file.write_text(shift)
        waits = database.segue("finish", "small", "--yes", code=3)
        expect("48" in waits.text or "grace" in waits.text, waits.text)
    database.segue("approve", "small", "grace", "--as", "operator", "--open", "the proof needs no two days")
    database.segue("finish", "small", "--yes")
    database.segue("purge", "small", "--yes", code=None)
    expect_equal(database.sql("SELECT state FROM segue.migration_history"), "contracted", "the state after a purge ten days early")
    wrong = database.sql(database.sql(TIMES.format(since=since)))
    expect_equal(wrong, "", "times in the ledger that are not the server's")


class SmallDisk:
    """Where the migrated tables lie, on a server of our own."""

    def __init__(self, stage, size):
        if os.getuid() != 0:
            raise LeftOut("mounting a small disk needs root")
        self.cluster = Cluster(stage)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="segue-e2e-disk-"))
        stage.at_end(self.remove)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", str(self.folder)], check=False)
        if done.returncode:
            raise LeftOut("mounting a small disk is not allowed here")
        (self.folder / "space").mkdir()
        subprocess.run(["chown", "postgres", str(self.folder / "space")], check=True)
        psql(self.cluster.url("postgres"), f"CREATE TABLESPACE small LOCATION '{self.folder}/space'")
        psql(self.cluster.url("postgres"), "CREATE DATABASE small TABLESPACE small")

    def fill(self, leave):
        """All but so many bytes."""
        free = os.statvfs(self.folder)
        room = free.f_bavail * free.f_frsize - leave
        with open(self.folder / "filler", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(room, 1))

    def make_room(self):
        (self.folder / "filler").unlink()

    def remove(self):
        self.cluster.run("pg_ctl", "-D", self.cluster.data, "-m", "immediate", "-w", "stop", check=False)
        subprocess.run(["umount", "-l", str(self.folder)], check=False)
        self.folder.rmdir()


@case("hostile: the server's disk is full in the middle of a backfill, of CREATE INDEX and of the way back: it stops, says so, and goes on")
def full_disk(stage):
    disk = SmallDisk(stage, "120m")
    database = own(stage, 10, "")
    file = next(database.project.glob("migrations/*/migration.yaml"))
    file.write_text(file.read_text().replace("limits: { batch: 100,", "limits: { batch: 2000,").replace(
        "moves:\n", "moves:\n  - sql: CREATE INDEX CONCURRENTLY o_t ON o (t)\n    phase: validate\n"))
    database.url = disk.cluster.url("small")
    database.sql(TABLE.format(rows=100000))
    before = database.fingerprint()
    steps = ((("run", "small", *RUN, "--to", "backfill"), "expand"), (("run", "small", *RUN, "--to", "validate"), "backfill"))
    said = []
    for command, reached in steps:
        database.up(reached)
        disk.fill(400000)
        answer = database.segue(*command, code=None)
        expect(answer.code in (4, 5), f"the disk is full, and `{answer.command}` ended with {answer.code}: {answer.text[-500:]}")
        expect("53100" in answer.text and "space" in answer.text, f"it does not say why: {answer.text[-600:]}")
        expect("segue rollback" in answer.text and "same command" in answer.text, f"it does not say what to do with segue: {answer.text[-600:]}")
        said.append(str(answer.code))
        database.sql("SELECT count(*) FROM o WHERE id < 100")  # the application reads on
        disk.make_room()
        database.segue(*command)
    invalid = database.sql("SELECT indexrelid::regclass FROM pg_index WHERE NOT (indisvalid AND indisready)")
    expect_equal(invalid, "", "invalid indexes")
    disk.fill(100000)
    answer = database.segue("rollback", "small", "--yes", code=None)
    expect(answer.code in (0, 4, 5), f"rollback on a full disk ended with {answer.code}")
    disk.make_room()
    database.down() if state_of(database) != "rolled_back" else None
    expect_equal(database.fingerprint(), before, "catalog and data, there and back")
    return f"exit codes {', '.join(said)}; the way back {answer.code}"


def as_role(stage, database, name, more=""):
    """The program as a role of its own; the database stays the superuser's."""
    admin = database.url
    psql(admin, f"DROP ROLE IF EXISTS {name}; CREATE ROLE {name} LOGIN PASSWORD 'x' {more}; GRANT CREATE ON SCHEMA public TO {name}; "
                f"ALTER TABLE o OWNER TO {name}; GRANT CREATE, CONNECT ON DATABASE {admin.rsplit('/', 1)[1]} TO {name}")
    stage.at_end(lambda: psql(admin, f"REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}; DROP ROLE {name}", may_fail=True))
    database.url = f"postgresql://{name}:x@{admin.split('@', 1)[1]}"
    return admin


@case("hostile: the role loses its rights half-way up and half-way back; with them it goes on")
def rights(stage):
    database = own(stage)
    admin = as_role(stage, database, "e2e_hostile")
    before = database.fingerprint()["catalog"]
    name = admin.rsplit("/", 1)[1]
    takes = (("ALTER TABLE o OWNER TO postgres", "ALTER TABLE o OWNER TO e2e_hostile", "o"),
             ("ALTER ROLE e2e_hostile NOLOGIN", "ALTER ROLE e2e_hostile LOGIN", "log in"),
             ("REVOKE ALL ON SCHEMA segue FROM e2e_hostile; ALTER SCHEMA segue OWNER TO postgres",
              "ALTER SCHEMA segue OWNER TO e2e_hostile; GRANT ALL ON SCHEMA segue TO e2e_hostile", "permission denied"),
             (f"ALTER DATABASE {name} ALLOW_CONNECTIONS false", f"ALTER DATABASE {name} ALLOW_CONNECTIONS true", "accepting"))
    for reached, command in (("expand", ("run", "small", *RUN, "--to", "validate")), ("enforce", ("rollback", "small", "--yes"))):
        for take, give, word in takes:
            database.up(reached)
            other = admin.rsplit("/", 1)[0] + "/postgres" if "DATABASE" in take else admin
            psql(other, take)
            answer = database.segue(*command, code=None)
            psql(other, give)
            expect(answer.code in (2, 4, 5), f"{take}: `{answer.command}` ended with {answer.code}: {answer.text[-500:]}")
            expect(word in answer.text, f"{take}: `{answer.command}` does not say '{word}': {answer.text[-500:]}")
            while (answer := database.segue(*command, code=None)).code == 3:
                database.open_gate()
            expect(answer.code == 0, f"{give}: `{answer.command}` ended with {answer.code}: {answer.text[-500:]}")
            if command[0] == "run":
                database.down()
        expect_equal(database.fingerprint()["catalog"], before, "the catalog, back at the beginning")


@case("hostile: a table is renamed half-way up: it is named, and with its old name it goes on")
def renamed(stage):
    database = own(stage)
    before = database.fingerprint()
    for reached in ("expand", "backfill", "validate"):
        database.up(reached)
        database.sql("ALTER TABLE o RENAME TO elsewhere")
        answer = database.segue("run", "small", *RUN, code=None)
        expect(answer.code in (2, 5), f"after {reached} it ended with {answer.code}: {answer.text[-400:]}")
        expect('"o"' in answer.text or " o " in answer.text or ".o" in answer.text, f"the table is not named: {answer.text[-500:]}")
        answer = database.segue("rollback", "small", "--yes", code=None)
        expect(answer.code in (2, 5), f"rollback after {reached} ended with {answer.code}: {answer.text[-400:]}")
        expect("elsewhere" in answer.text, f"its new name is not said: {answer.text[-500:]}")
        database.sql("ALTER TABLE elsewhere RENAME TO o")
        database.down()
        expect_equal(database.fingerprint(), before, f"catalog and data, back from {reached}")


@case("hostile: a table is dropped half-way up: it is named, and the way back is open")
def dropped(stage):
    for reached in ("expand", "backfill", "enforce"):
        database = stage.own(TABLE.format(rows=100) + "CREATE TABLE p (id int PRIMARY KEY);", TENANCY.format(tables="o, p"))
        database.up(reached)
        database.sql("DROP TABLE p CASCADE")
        answer = database.segue("run", "small", *RUN, code=None)
        expect(answer.code in (0, 2, 5), f"after {reached} it ended with {answer.code}: {answer.text[-400:]}")
        expect(answer.code == 0 or "p" in answer.text, f"the table is not named: {answer.text[-500:]}")
        database.down()
        expect_equal(database.sql("SELECT count(*) FROM information_schema.columns WHERE column_name = 'tenant_id'"), "0", "columns left")


@case("hostile: a file that is changed after half the run is refused with the difference", fast=True)
def changed(stage):
    database = own(stage)
    database.up("expand")
    file = next(database.project.glob("migrations/*/migration.yaml"))
    was = file.read_text()
    file.write_text(was.replace("batch: 100", "batch: 101"))
    answer = database.segue("run", "small", *RUN, code=2)
    for words in ("migration.yaml", "batch: 100", "batch: 101"):
        expect(words in answer.text, f"'{words}' is not said: {answer.text}")
    file.write_text(was)
    database.segue("run", "small", *RUN)


@case("hostile: pause in each phase, up and back: it stops within seconds with 4, and goes on")
def pause(stage):
    database = system(stage, 3000)
    before = database.fingerprint()
    journey = [(("run", "small", *RUN, "--to", phase), earlier) for earlier, phase in (
        (None, "expand"), ("expand", "backfill"), ("backfill", "validate"), ("validate", "enforce"))]
    slowest, paused = 0.0, []
    for command, earlier in [*journey, (("rollback", "small", "--yes"), "enforce")]:
        if earlier:
            database.up(earlier)
        holder = stage.session(database.url, "holder")
        holder.ask("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM deals, accounts WHERE false;")
        process = database.start(*command)
        wait_until(lambda: process.poll() is not None or database.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                   "'segue' AND datname = current_database()") != "0", "it works")
        time.sleep(0.3)  # somewhere in the middle
        database.segue("pause", code=None)
        started = time.monotonic()
        err = process.communicate(timeout=30)[1]
        slowest = max(slowest, time.monotonic() - started)
        holder.ask("COMMIT;")
        holder.close()
        expect(process.returncode in (0, 3, 4), f"`{' '.join(command)}`, paused, ended with {process.returncode}: {err[-500:]}")
        if process.returncode == 4:
            paused.append(command[-1] if command[0] == "run" else "rollback")
            expect_equal(database.status()["state"], "stopped", "the state after a pause")
        if command[0] == "rollback":
            database.down()
        else:
            database.segue(*command)
    expect_equal(database.fingerprint(), before, "catalog and data, there and back")
    expect(len(paused) >= 3, f"only {paused} were paused")
    expect(slowest < 10, f"a pause took {slowest:.1f} s")
    return f"{', '.join(paused)}; at most {slowest:.1f} s"


@case("hostile: a row that is held while rows are carried: a pause is heard at once, and at the deadline it ends with 4 and says who holds it")
def held_row(stage):
    database = own(stage, 3000, "")
    file = next(database.project.glob("migrations/*/migration.yaml"))
    file.write_text(file.read_text().replace("lock_deadline: 5s", "lock_deadline: 4s"))
    database.up("expand")
    holder = stage.session(database.url, "forgotten psql")
    holder.ask("BEGIN; SELECT id FROM o WHERE id = 2000 FOR UPDATE;")
    run = ("run", "small", *RUN, "--to", "backfill")
    process = database.start(*run)
    wait_until(lambda: database.sql("SELECT coalesce(max(rows), 0) > 1000 FROM segue.backfill_range") == "t", "it carries")
    started = time.monotonic()
    database.segue("pause")
    err = process.communicate(timeout=30)[1]
    took = time.monotonic() - started
    heard = process.returncode == 4 and took < 5 and "paused, as asked" in err
    answer = database.segue(*run, code=None)
    holder.ask("COMMIT;")
    database.segue(*run)
    expect(answer.code == 4 and "forgotten psql" in answer.text, f"at the deadline it ended with {answer.code}: {answer.text[-400:]}")
    expect(heard, f"a pause while it waits for a row: it ended with {process.returncode} after {took:.1f} s: {err[-300:]}")
    return f"paused after {took:.1f} s"


@case("hostile: there are not enough connections: refused in words, or it runs and can be paused")
def connections(stage):
    database = own(stage, 500)
    admin = as_role(stage, database, "e2e_few")
    told = []
    for limit in (0, 1, 2, 3):
        psql(admin, f"ALTER ROLE e2e_few CONNECTION LIMIT {limit}")
        reader = stage.session(admin, "reader")
        reader.ask("BEGIN; SELECT count(*) FROM o;")
        process = database.start("run", "small", *RUN, "--to", "expand")
        wait_until(lambda: process.poll() is not None or psql(admin, "SELECT to_regclass('segue.runner')") and
                   psql(admin, "SELECT 1 FROM segue.runner WHERE heartbeat > now() - interval '1 s'"), "it runs or is refused")
        time.sleep(0.5)
        if process.poll() is None:
            psql(admin, "UPDATE segue.runner SET pause_requested = true")
            late = time.monotonic()
            wait_until(lambda: process.poll() is not None, f"with {limit} connections a pause is heard", 10)
            told.append(f"{limit}: paused after {time.monotonic() - late:.1f} s")
            expect_equal(process.returncode, 4, f"the exit code with {limit} connections")
        else:
            err = process.communicate()[1]
            expect(process.returncode in (2, 4, 5) and "connections" in err, f"with {limit} it ended with {process.returncode}: {err[-300:]}")
            told.append(f"{limit}: refused")
        reader.ask("COMMIT;")
        reader.close()
    psql(admin, "ALTER ROLE e2e_few CONNECTION LIMIT -1")
    database.up("expand")
    return "; ".join(told)


@case("hostile: timeouts of the role end neither a long step nor a session that waits")
def timeouts(stage):
    database = own(stage, 2000, "hooks:\n  - { after: expand, command: [sh, -c, 'echo x >>called; sleep 1'] }\n")
    admin = as_role(stage, database, "e2e_timeouts")
    settings = ["statement_timeout = '100ms'", "idle_in_transaction_session_timeout = '100ms'", "lock_timeout = '5ms'", "idle_session_timeout = '300ms'"]
    if int(psql(admin, "SHOW server_version_num")) >= 170000:
        settings.append("transaction_timeout = '100ms'")
    psql(admin, "".join(f"ALTER ROLE e2e_timeouts SET {one};" for one in settings))
    database.up()
    expect_equal((database.project / "called").read_text(), "x\n", "calls of the hook")
    database.down()


@case("hostile: the server is stopped fast and smart in the middle, and started again: 4, and it goes on")
def restarts(stage):
    cluster = Cluster(stage)
    made = own(stage)
    made.url = cluster.url("postgres")
    made.sql(TABLE.format(rows=20000))
    before = made.fingerprint()
    met = {}
    for mode in ("fast", "smart"):
        for command in (("run", "small", *RUN), ("rollback", "small", "--yes")):
            for _ in range(2):
                if state_of(made) == "waiting":
                    made.open_gate()
                process = made.start(*command)
                time.sleep(stage.random.random() * 0.5)
                # Smart waits for everybody: it must not wait for us for ever.
                cluster.run("pg_ctl", "-D", cluster.data, "-m", mode, "-w", "-t", "60", "stop")
                err = process.communicate(timeout=60)[1]
                down = process.returncode == 5 and ("cannot connect" in err)
                expect(process.returncode in (0, 2, 3, 4) or down, f"stopped {mode}: it ended with {process.returncode}: {err[-500:]}")
                if process.returncode == 4:
                    expect("run the same command again" in err, f"stopped {mode}: {err[-500:]}")
                    met[mode] = met.get(mode, 0) + 1
                cluster.start()
        made.down() if state_of(made) not in ("rolled_back", "") else None
        expect_equal(made.fingerprint(), before, f"catalog and data after {mode}")
    return f"{met} met a runner"
