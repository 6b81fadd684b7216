"""The server is stopped as by a power cut (immediate) during a run: what it acknowledged is there, the rest is done again."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from house import Database, LeftOut, Wrong, case, expect, expect_equal, psql, sandbox
import house
from proof_kill import end_state


class Cluster:
    """A server of our own with durable settings, so that it can be stopped hard and started again."""

    def __init__(self, stage):
        self.programs = pathlib.Path(house.settings.pg_bins[0] if house.settings.pg_bins else newest_programs())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="segue-e2e-pg-"))
        stage.at_end(self.remove)
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.data = self.folder / "data"
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.port = free_port()
        with open(self.data / "postgresql.conf", "a", encoding="utf8") as conf:
            conf.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{self.folder}'\n"
                       "fsync = on\nsynchronous_commit = on\nshared_buffers = 64MB\nwal_writer_delay = 2s\n")
        self.start()

    def run(self, program, *arguments, check=True):
        command = [str(self.programs / program), *[str(one) for one in arguments]]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        if check and done.returncode:
            raise Wrong(f"{program}: {done.stdout}{done.stderr}")

    def url(self, database):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self):
        # The output of the server must not keep our pipe open.
        self.run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-t", "60", "start")

    def stop_hard(self):
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def remove(self):
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def newest_programs():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    if not found:
        raise LeftOut("no initdb in /usr/lib/postgresql; say --pg-bin")
    return found[-1].parent


def free_port():
    import socket
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def copy_of_the_example(stage, cluster):
    """Through pg_dump, roles first: the example grants to a role of its own."""
    source = sandbox("visionwest")
    roles = psql(source.admin_url, "SELECT format('CREATE ROLE %I', rolname) FROM pg_roles WHERE rolname LIKE "
                                   "'visionwest%'")
    psql(cluster.url("postgres"), "".join(f"{line};\n" for line in roles.splitlines()) + "CREATE DATABASE visionwest")
    dump = subprocess.run(["pg_dump", "-d", source.url], capture_output=True, text=True, check=False)
    if dump.returncode:
        raise LeftOut(f"pg_dump: {dump.stderr.strip()}")
    psql(cluster.url("visionwest"), dump.stdout)
    return Database(stage, cluster.url("visionwest"), source.project)


def stop_somewhere(stage, cluster, database, arguments, lines):
    """The server goes at a random line of the output. The exit code of the command."""
    process = database.start(*arguments)
    at, later = stage.random.randrange(lines), stage.random.uniform(0, 0.05)
    for _ in range(at + 1):
        if not process.stderr.readline():
            break
    time.sleep(later)  # the moment is what is random here
    cluster.stop_hard()
    err = process.stderr.read()
    code = process.wait(timeout=60)
    process.stdout.close()
    process.stderr.close()
    cluster.start()
    expect(code in (0, 3, 4), f"the server went away and `segue {arguments[0]}` ended with {code}, not 4: {err[-600:]}")
    return code


@case("server: stopped hard at random moments of run and rollback, started again, gone on")
def immediate(stage):
    cluster = Cluster(stage)
    database = copy_of_the_example(stage, cluster)
    before = end_state(database)
    database.up()
    up = end_state(database)
    database.down()
    expect_equal(end_state(database), before, "the undisturbed way back")
    run = ["run", database.migration, "--without-rehearsal", "--yes"]
    back = ["rollback", database.migration, "--yes"]
    met = 0
    for _ in range(2):
        for _ in range(4):
            met += stop_somewhere(stage, cluster, database, run, 34) == 4
            if database.status()["state"] == "waiting":
                database.open_gate()
        database.up()
        expect_equal(end_state(database), up, "in grace")
        database.expect_clean()
        for _ in range(3):
            met += stop_somewhere(stage, cluster, database, back, 10) == 4
            state = database.status()
            if state["state"] == "waiting":
                database.open_gate()
            if state["state"] == "rolled_back":
                break
        if database.status()["state"] != "rolled_back":
            database.down()
        expect_equal(end_state(database), before, "back at the beginning")
        database.expect_clean()
    return f"{met} stops met a runner"
