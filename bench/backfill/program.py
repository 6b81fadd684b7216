"""The program's side: a migration is written, run as anybody runs it, and asked from the ledger what its steps took."""
import pathlib
import re
import subprocess
import tempfile
import threading
import time

from house import environment, psql

PHASES = ["prepare", "expand", "backfill", "validate", "enforce", "switch", "grace"]
# A step that only compares is the program's proof, which no baseline has; it is told apart.
COMPARES = "kind ILIKE '%compar%'"


class Project:
    """A folder with one migration; text is what follows its name and its sentence. limits: the defaults unless said."""

    def __init__(self, segue, text, limits=""):
        self.segue = segue
        self.folder = tempfile.TemporaryDirectory(prefix="segue-bench-project-")
        root = pathlib.Path(self.folder.name)
        (root / "migrations" / "0001_bench").mkdir(parents=True)
        (root / "segue.yaml").write_text("database: ${DATABASE_URL}\n")
        (root / "migrations" / "0001_bench" / "migration.yaml").write_text(
            "migration: bench\nabout: What the bench measures.\n" + text + limits)

    def run(self, url, to):
        """Seconds of the whole command, and the peak of its resident memory in MB."""
        command = [self.segue, "-C", self.folder.name, "--database", url, "run", "bench", "--to", to, "--yes",
                   "--without-rehearsal", "--no-backup"]
        with tempfile.TemporaryFile("w+") as said:
            started = time.perf_counter()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment())
            memory = Memory(process)
            process.wait()
            took = time.perf_counter() - started
            if process.returncode:
                said.seek(0)
                raise SystemExit(f"segue run --to {to} ended with {process.returncode}: {said.read()[-1500:]}")
        return took, memory.peak()


class Memory:
    """The high-water mark of a process's resident set. That of its resource usage would count the parent's before exec."""

    def __init__(self, process):
        self.kilobytes, self.process = 0, process
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status")
        while self.process.returncode is None:
            try:
                text = status.read_text()
            except OSError:
                return
            # A process that has ended and was not waited for has none.
            if mark := re.search(r"VmHWM:\s+(\d+)", text):
                self.kilobytes = max(self.kilobytes, int(mark.group(1)))
            time.sleep(0.02)

    def peak(self):
        self.thread.join()
        return self.kilobytes / 1024


def number(url, sql):
    return float(psql(url, sql) or 0)


def steps(url, first, last):
    """Seconds of the steps of these phases, one after the other, without those that only compare."""
    phases = ", ".join(f"'{each}'" for each in PHASES[PHASES.index(first): PHASES.index(last) + 1])
    return number(url, "SELECT sum(extract(epoch FROM finished_at - started_at)) FROM segue.step "
                       f"WHERE state = 'done' AND phase IN ({phases}) AND NOT {COMPARES}")


def comparison(url):
    """Seconds of what proves that every row is right: steps that compare, and the boundary after validate, where the checks
    are asked. A little of that boundary is the catalog's fingerprint: it is the most that the comparison can have taken."""
    return number(url, f"""
WITH done AS (SELECT max(at) AS at FROM segue.event WHERE code = 'phase-done' AND message = 'validate'),
before AS (SELECT max(at) AS at FROM (
  SELECT finished_at FROM segue.step WHERE finished_at <= (SELECT at FROM done)
  UNION ALL SELECT at FROM segue.event WHERE code = 'phase-done' AND at < (SELECT at FROM done)) AS earlier (at))
SELECT extract(epoch FROM (SELECT at FROM done) - (SELECT at FROM before))
  + (SELECT coalesce(sum(extract(epoch FROM finished_at - started_at)), 0) FROM segue.step WHERE state = 'done' AND {COMPARES})""")


def workers(url):
    """How many carried rows."""
    return max(1, int(number(url, "SELECT count(DISTINCT worker) FROM segue.backfill_range WHERE rows > 0")))
