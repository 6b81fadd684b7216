"""bench/results/soak.json: what all soaks of this checkout have counted together, each run with its seed, each failure with
the command that shows it again. It is written after each round, so that a soak that is ended keeps what it has."""
import datetime
import json
import os
import pathlib
import subprocess

MOST_RUNS = 200  # the counts stay, the oldest runs leave


class Record:
    def __init__(self, path, seed, minutes, machine):
        self.path = pathlib.Path(path)
        self.known = json.loads(self.path.read_text()) if self.path.exists() else {}
        for key, empty in (("counts", {}), ("failures", []), ("runs", [])):
            self.known.setdefault(key, empty)
        self.run = {"at": now(), "seed": seed, "minutes": minutes, "machine": machine, "counts": {}, "failed": 0}
        self.known["runs"] = [*self.known["runs"], self.run][-MOST_RUNS:]
        self.failures = []

    def count(self, what, of, number):
        """`what` is the kind (kills), `of` where (a server's version, a command)."""
        for counts in (self.known["counts"], self.run["counts"]):
            group = counts.setdefault(what, {})
            group[of] = group.get(of, 0) + number
        self.write()

    def fail(self, what, seed, command, said):
        failure = {"what": what, "at": now(), "seed": seed, "command": command, "said": said[-1500:]}
        self.failures.append(failure)
        self.known["failures"].append(failure)
        self.run["failed"] += 1
        self.write()
        print(f"FAIL  {what}, seed {seed}\n{indented(said)}\n      again: {command}", flush=True)

    def try_known_again(self, root):
        """Failures of earlier soaks by their commands: what passes now is marked as mended. Kills are left as they are:
        their moments are not the seed's alone, and one that passes proves nothing."""
        for failure in self.known["failures"]:
            if "mended" in failure or failure["what"].startswith("kills"):
                continue
            try:
                again = subprocess.run(failure["command"], shell=True, cwd=root, stdout=subprocess.PIPE, text=True,
                                       stderr=subprocess.STDOUT, timeout=600, errors="replace", check=False)
                said, passes = again.stdout.strip(), again.returncode == 0
            except subprocess.TimeoutExpired:
                said, passes = "it did not end within 600 s", False
            if passes:
                failure["mended"] = now()
            else:
                self.failures.append(failure)
                failure["said_last"] = said[-1500:]  # it may be another fault by now
            print(f"{'ok   ' if passes else 'FAIL '} known: {failure['what']}: {failure['command']}"
                  + ("" if passes else f"\n{indented(said)}"), flush=True)
        self.write()

    def write(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(self.known, indent=1) + "\n")
        os.replace(beside, self.path)


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="minutes")


def indented(text):
    return "\n".join("      " + line for line in text.strip().splitlines()[-25:])
