"""What the benches share: timing, a sandbox, rows of figures against a baseline of the same run, and the JSON they end in.

A bench is a folder with a run.py: `run.py SEGUE [--out FILE] [--runs N]`. It measures the program and its baselines one
after the other in each round, takes medians, and keeps one row a figure: ours, the baseline's, their ratio, and the limit
that the ratio or the figure has to keep. Its exit code is 1 where a limit is not kept.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True


def machine():
    """What the figures were measured on, and how busy it was before they were."""
    release = {}
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        key, _, value = line.partition("=")
        release[key] = value.strip('"')
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return {"cores": len(os.sched_getaffinity(0)), "memory_gb": round(int(memory.group(1)) / 1024 / 1024),
            "os": release.get("PRETTY_NAME", platform.platform()), "load_before": round(os.getloadavg()[0], 1)}


class Bench:
    """One bench: its arguments, its rows, its end."""

    def __init__(self, name, runs):
        parser = argparse.ArgumentParser(prog=f"bench/{name}/run.py")
        parser.add_argument("segue")
        parser.add_argument("--out")
        parser.add_argument("--runs", type=int, default=runs)
        asked = parser.parse_args()
        self.name, self.runs, self.out = name, asked.runs, asked.out
        self.segue = str(pathlib.Path(asked.segue).resolve())
        self.rows, self.machine = [], machine()

    def row(self, what, ours, unit, against="", theirs=None, least=None, most=None, least_ratio=None, most_ratio=None):
        """ours and theirs: a figure a round. The ratio is that of the medians; its range is that of the rounds, each
        with its own neighbour: where that range is wide, the machine was busy and the ratio says little."""
        middle, other = statistics.median(ours), statistics.median(theirs) if theirs else None
        ratio = middle / other if theirs else None
        kept = not any([least is not None and middle < least, most is not None and middle > most,
                        least_ratio is not None and (ratio is None or ratio < least_ratio),
                        most_ratio is not None and (ratio is None or ratio > most_ratio)])
        limits = [f">= {least:g} {unit}" if least is not None else "", f"<= {most:g} {unit}" if most is not None else "",
                  f">= {least_ratio:g}x" if least_ratio is not None else "",
                  f"<= {most_ratio:g}x" if most_ratio is not None else ""]
        self.rows.append({"what": what, "segue": rounded(middle), "segue_range": span(ours), "unit": unit, "against": against,
                          "baseline": rounded(other), "baseline_range": span(theirs), "ratio": rounded(ratio),
                          "ratio_range": span([one / two for one, two in zip(ours, theirs)] if theirs else None),
                          "limit": ", ".join(limit for limit in limits if limit), "kept": kept})
        print(f"  {what}: {rounded(middle)} {unit}" + (f", {against} {rounded(other)} {unit}, {rounded(ratio)}x" if against else ""),
              file=sys.stderr, flush=True)

    def end(self, **more):
        """Writes the figures and ends the program."""
        result = {"bench": self.name, "at": datetime.date.today().isoformat(), "runs": self.runs,
                  "machine": {**self.machine, "load_after": round(os.getloadavg()[0], 1), **more.pop("machine", {})}, **more, "rows": self.rows}
        text = json.dumps(result, indent=1)
        if self.out:
            pathlib.Path(self.out).parent.mkdir(parents=True, exist_ok=True)
            pathlib.Path(self.out).write_text(text + "\n")
        else:
            print(text)
        sys.exit(0 if all(row["kept"] for row in self.rows) else 1)


def rounded(number):
    if number is None:
        return None
    return float(f"{number:.3g}") if abs(number) < 1000 else round(number)


def span(numbers):
    return [rounded(min(numbers)), rounded(max(numbers))] if numbers else None


def environment(**more):
    """Without connections and colours of whoever runs the bench."""
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("PG", "SEGUE")) and key != "DATABASE_URL"}
    return {**kept, "NO_COLOR": "1", "LC_ALL": "C.UTF-8", **more}


def seconds_of(command, code=0, **more):
    """Wall time of one command whose output is thrown away."""
    with tempfile.TemporaryFile("w+") as err:
        started = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=err, stdin=subprocess.DEVNULL,
                              env=environment(**more), check=False)
        took = time.perf_counter() - started
        if done.returncode != code:
            err.seek(0)
            raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}: {err.read()[-800:]}")
    return took


def rounds(runs, **measures):
    """Each measure so many times, in turns, so that a busy machine is busy for all of them; a first round warms up."""
    times = {name: [] for name in measures}
    for round_number in range(runs + 1):
        for name, measure in measures.items():
            took = measure()
            if round_number:
                times[name].append(took)
    return times


def scaled(numbers, factor):
    return [number * factor for number in numbers]


class Sandbox:
    """`segue sandbox`, while it is wanted."""

    def __init__(self, segue, *arguments):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([segue, "sandbox", *map(str, arguments)], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, env=environment())
        example = arguments and not str(arguments[0]).startswith("-")
        said = {}
        while len(said) < (2 if example else 1):
            line = self.process.stdout.readline()
            if not line:
                self.log.seek(0)
                raise SystemExit(f"the sandbox did not start: {self.log.read()}")
            key, _, value = line.strip().partition("=")
            said[key] = value
        self.url, self.project = said["DATABASE_URL"], said.get("SEGUE_PROJECT")
        self.database = self.url.rsplit("/", 1)[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def url_of(self, database):
        return self.url[: self.url.rindex("/") + 1] + database

    def copy(self, name):
        """Another database with the same content."""
        psql(self.url_of("postgres"), f'CREATE DATABASE "{name}" TEMPLATE "{self.database}"')
        return self.url_of(name)

    def drop(self, name):
        psql(self.url_of("postgres"), f'DROP DATABASE "{name}" WITH (FORCE)')

    def version(self):
        return psql(self.url_of("postgres"), "SHOW server_version").split()[0]


def psql(url, sql):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-", url], input=sql, text=True,
                          capture_output=True, env=environment(), check=False)
    if done.returncode:
        raise SystemExit(f"psql: {done.stderr.strip()}")
    return done.stdout.rstrip("\n")


def sql_seconds(url, sql):
    """How long the server takes for one statement, as psql's \\timing says it."""
    answer = psql(url, f"\\timing on\n{sql}")
    return float(re.findall(r"^Time: ([0-9.]+) ms", answer, re.M)[-1]) / 1000


def client(name):
    """psql or pg_dump itself: Debian's of that name on the PATH is a script that looks for it first."""
    real = server_programs() / name
    return str(real) if real.exists() else name


def server_programs():
    """The folder of the newest whole PostgreSQL (with psql and pg_dump) of this machine."""
    on_path = shutil.which("initdb")
    folders = [pathlib.Path(on_path).parent] if on_path else []
    folders += sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: float(each.parent.name), reverse=True)
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "createdb", "psql", "pg_dump")):
            return folder
    raise SystemExit("there is no initdb: install PostgreSQL's server")
