"""What the proofs share: a sandbox for each example, a database of its own for each case, the program and psql.

A sandbox is started at the first use of its example and serves all cases; a case gets a copy of its database, made from
a template, so that it begins with the same rows. Everything is gone at the end.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

cases = []
_sandboxes = {}
settings = None
PHASES = ["prepare", "expand", "backfill", "validate", "enforce", "switch", "grace"]


class Wrong(Exception):
    """What was promised does not hold."""


class LeftOut(Exception):
    """This case cannot be tried here."""


class Case:
    def __init__(self, function, name, fast):
        self.function, self.name, self.fast = function, name, fast


def case(name, fast=False):
    def mark(function):
        cases.append(Case(function, name, fast))
        return function
    return mark


class Settings:
    def __init__(self, program, pg_bins, scale, fast):
        self.program = str(pathlib.Path(program).resolve())
        self.pg_bins, self.scale, self.fast = pg_bins, scale, fast


def prepare(program, pg_bins, scale, fast):
    global settings
    settings = Settings(program, pg_bins, scale, fast)
    if not os.access(settings.program, os.X_OK):
        raise SystemExit(f"there is no program {settings.program}: build it, or say SEGUE=…")
    if not shutil.which("psql"):
        raise SystemExit("psql is not here")


def close():
    for sandbox in _sandboxes.values():
        sandbox.stop()


def expect(holds, message):
    if not holds:
        raise Wrong(message)


def expect_equal(actual, wanted, what):
    if actual != wanted:
        raise Wrong(f"{what}\n    expected {wanted}\n    found    {actual}")


def wait_until(condition, what, seconds=30):
    """Waits on a condition, never on a clock."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise Wrong(f"it did not happen within {seconds} s: {what}")


def environment(**more):
    """As a user's shell has it, but for connections and colours of whoever runs the proofs."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG") and key != "DATABASE_URL"}
    return {**kept, "NO_COLOR": "1", "LC_ALL": "C.UTF-8", **more}


class Sandbox:
    """One server with one example, as `segue sandbox` makes it."""

    def __init__(self, example, scale, pg_bin=""):
        command = [settings.program, "sandbox", *([example, "--scale", str(scale)] if example else [])]
        if pg_bin:
            command += ["--pg-bin", pg_bin]
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment())
        said = {}
        while len(said) < (2 if example else 1):
            line = self.process.stdout.readline()
            if not line:
                self.log.seek(0)
                raise Wrong(f"the sandbox of {example} did not start: {self.log.read().strip()}")
            key, _, value = line.strip().partition("=")
            said[key] = value
        self.url, self.project = said["DATABASE_URL"], said.get("SEGUE_PROJECT")
        self.count = 0
        # The copies are made from this one; nobody may be connected to it then.
        self.template = re.sub(r".*/", "", self.url) if example else "template1"
        self.admin_url = self.url_of("postgres")

    def url_of(self, database):
        return self.url[: self.url.rindex("/") + 1] + database

    def copy(self, stem):
        self.count += 1
        name = f"e2e_{re.sub('[^a-z0-9]', '_', stem.lower())[:30]}_{self.count}"
        psql(self.admin_url, f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
        return name

    def drop(self, name):
        psql(self.admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()


def sandbox(example="visionwest", scale=None, pg_bin=None):
    scale = scale or settings.scale if example else 0
    if pg_bin is None:
        pg_bin = settings.pg_bins[0] if settings.pg_bins else ""
    key = (example, scale, pg_bin)
    if key not in _sandboxes:
        _sandboxes[key] = Sandbox(example, scale, pg_bin)
    return _sandboxes[key]


def psql(url, sql, may_fail=False):
    """Answers as unaligned text, the columns divided by |."""
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-", url], input=sql, text=True,
                          capture_output=True, env=environment(), check=False)
    if done.returncode and not may_fail:
        raise Wrong(f"psql: {done.stderr.strip()}\n    {sql}")
    return done.stderr.strip() if done.returncode else done.stdout.rstrip("\n")


class Answer:
    def __init__(self, command, code, out, err):
        self.command, self.code, self.out, self.err = command, code, out, err

    @property
    def text(self):
        return self.out + self.err

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as problem:
            raise Wrong(f"`{self.command}` did not print one JSON value ({problem}): {self.out[:300]}") from problem


class Stage:
    """What one case has: databases of its own, and the folders and processes that go with it."""

    def __init__(self, name, random):
        self.name, self.random = name, random
        self._ending = []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="segue-e2e-"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in reversed(self._ending):
            end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def at_end(self, end):
        self._ending.append(end)

    def database(self, example="visionwest", scale=None, pg_bin=None):
        place = sandbox(example, scale, pg_bin)
        name = place.copy(self.name)
        self.at_end(lambda: place.drop(name))
        return Database(self, place.url_of(name), place.project)

    def own(self, schema, migration, name="small", files=None, pg_bin=None):
        """A database with this schema, and a project with this one migration."""
        place = sandbox(None, pg_bin=pg_bin)
        database = place.copy(self.name)
        self.at_end(lambda: place.drop(database))
        made = Database(self, place.url_of(database), self.folder / f"project{place.count}")
        made.migration = name
        made.sql(schema)
        folder = made.project / "migrations" / f"0001_{name.replace('-', '_')}"
        folder.mkdir(parents=True)
        (made.project / "segue.yaml").write_text("database: ${DATABASE_URL}\n")
        (folder / "migration.yaml").write_text(migration)
        for file, text in (files or {}).items():
            (folder / file).write_text(text)
        return made

    def own_copy(self, database):
        """The same once more, as it stands now."""
        place = sandbox(None)
        place.count += 1
        name = f"e2e_copy_{place.count}"
        psql(place.admin_url, f'CREATE DATABASE "{name}" TEMPLATE "{database.url.rsplit("/", 1)[1]}"')
        self.at_end(lambda: place.drop(name))
        made = Database(self, place.url_of(name), database.project)
        made.migration = database.migration
        return made

    def session(self, url, name="somebody"):
        one = Session(url, name)
        self.at_end(one.close)
        return one


class Database:
    """One database and one project, driven by the program."""

    migration = "multi-client"

    def __init__(self, stage, url, project):
        self.stage, self.url, self.project = stage, url, project

    def sql(self, text, may_fail=False):
        return psql(self.url, text, may_fail)

    # A backup before each of hundreds of runs would prove nothing new: proof_backup.py takes them.
    backup = "--no-backup"

    def command(self, *arguments):
        if arguments[0] == "run" and self.backup:
            arguments = (*arguments, self.backup)
        return [settings.program, "-C", str(self.project), *[str(one) for one in arguments]]

    def environment(self, **more):
        return environment(DATABASE_URL=self.url, **more)

    def segue(self, *arguments, code=0, seconds=120):
        """Runs to the end; any other exit code is a failure of the case. None: whatever it is."""
        command = self.command(*arguments)
        shown = "segue " + " ".join(str(one) for one in arguments)
        try:
            done = subprocess.run(command, capture_output=True, text=True, env=self.environment(), check=False,
                                  stdin=subprocess.DEVNULL, timeout=seconds)
        except subprocess.TimeoutExpired as late:
            last = (late.stderr or b"").decode(errors="replace").strip().splitlines()[-3:]
            raise Wrong(f"`{shown}` was not done within {seconds} s; it said at last:\n    " + "\n    ".join(last)) from late
        if code is not None and done.returncode != code:
            last = (done.stdout + done.stderr).strip().splitlines()[-25:]
            raise Wrong(f"`{shown}` ended with {done.returncode}, not {code}:\n    " + "\n    ".join(last))
        return Answer(shown, done.returncode, done.stdout, done.stderr)

    def start(self, *arguments):
        """In the background; its output goes to a pipe each."""
        process = subprocess.Popen(self.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=self.environment(), stdin=subprocess.DEVNULL)
        self.stage.at_end(lambda: process.poll() is None and process.kill())
        return process

    def status(self):
        return self.segue("status", self.migration, "--json").json()

    def approve(self, gate, role="operator", *more):
        self.segue("approve", self.migration, gate, "--as", role, *more)

    def open_gate(self):
        """Signs the gate that it stands at."""
        gate = self.status()["waiting_for"]
        expect(gate, "it waits at no gate")
        self.approve(gate, "QA Lead" if gate == "new application" else "operator")

    def up(self, to=None):
        """Runs to the end of a phase, and signs what is asked for on the way."""
        arguments = ["run", self.migration, "--without-rehearsal", "--yes"] + (["--to", to] if to else [])
        while True:
            done = self.segue(*arguments, code=None)
            if done.code != 3:
                break
            self.open_gate()
        expect(done.code == 0, f"`{done.command}` ended with {done.code}: {done.err.strip()[-1500:]}")
        return done

    def down(self, to=None):
        arguments = ["rollback", self.migration, "--yes"] + (["--to", to] if to else [])
        while True:
            done = self.segue(*arguments, code=None)
            if done.code != 3:
                break
            self.open_gate()
        expect(done.code == 0, f"`{done.command}` ended with {done.code}: {done.err.strip()[-1500:]}")
        return done

    def fingerprint(self):
        return self.segue("fingerprint", "--json").json()

    def catalog(self):
        return self.segue("fingerprint", "--json", "--catalog-only").json()["catalog"]

    def expect_clean(self):
        """Nothing of ours is left but the ledger and what the shape needs."""
        invalid = self.sql("SELECT indexrelid::regclass FROM pg_index WHERE NOT (indisvalid AND indisready)")
        expect_equal(invalid, "", "an invalid index is left")
        helpers = self.sql("SELECT conrelid::regclass, conname FROM pg_constraint WHERE conname LIKE 'segue%' AND "
                           "connamespace <> 'segue'::regnamespace")
        expect_equal(helpers, "", "a helping constraint is left")
        wait_until(lambda: self.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT "
                                    "oid FROM pg_database WHERE datname = current_database())") == "0",
                   "no advisory lock is left", 5)
        wait_until(lambda: self.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                                    "application_name LIKE 'segue%'") == "0", "no session of segue is left", 5)


class Session:
    """A psql that stays: what is said in it happens in one session."""

    def __init__(self, url, name):
        self.process = subprocess.Popen(["psql", "-XAtq", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, env=environment(PGAPPNAME=name))
        self.marks = 0

    def send(self, sql):
        self.process.stdin.write(sql + "\n")
        self.process.stdin.flush()

    def ask(self, sql):
        """Waits for the answer."""
        self.marks += 1
        mark = f"--said-{self.marks}--"
        try:
            self.send(f"{sql}\n\\echo {mark}")
        except OSError:
            return ""
        lines = []
        while True:
            line = self.process.stdout.readline()
            if not line:
                return "\n".join(lines)
            if line.strip() == mark:
                return "\n".join(lines)
            lines.append(line.rstrip("\n"))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
