#!/usr/bin/env python3
"""Runs text scenarios: commands as a user types them, with what they answer.

A scenario is a file tests/scenarios/**/*.txt:

    # What it shows, in one sentence.
    $ segue fingerprint --catalog-only
    catalog  <hex>
    $ segue nonsense
    segue: there is no command 'nonsense'
    ...
    [2]

A line that begins with "$ " is run by bash, "> " continues it; what follows is its output (stdout and stderr mixed),
and [N] its exit code where that is not 0. In the expected output a line "..." stands for any lines, <hex>, <n>, <time>
and <any> for such a word, and <any> also for the rest of a line. Each scenario has an empty folder, a fresh database
(DATABASE_URL) and its own copy of the environment; the commands of one scenario share one shell. A first line
"# needs: psql" leaves the scenario out where the program is missing, "# server: 15+" where the version is lower.

    tests/run_scenarios.py [--jobs N] [FILE …]

It needs DATABASE_URL (segue sandbox -- tests/run_scenarios.py), SEGUE, the program, and psql; the last line counts.
"""
import argparse
import concurrent.futures
import functools
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PATTERNS = {
    "<hex>": r"[0-9a-f]{8,}",
    "<n>": r"[0-9][0-9,.]*",
    "<time>": r"[0-9][0-9.]* (?:ms|s|min|h)",
    "<any>": r".*",
}
MARK = "--segue-scenario-mark--"
counter = itertools.count(1)


class Step:
    def __init__(self, line: int, command: str):
        self.line, self.command = line, command
        self.expected: list[str] = []
        self.code = 0


def read(path: pathlib.Path) -> tuple[list[Step], dict[str, str]]:
    steps: list[Step] = []
    wants: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not steps and line.startswith("# needs:"):
            wants["program"] = line.split(":", 1)[1].strip()
        elif not steps and line.startswith("# server:"):
            wants["server"] = line.split(":", 1)[1].strip().rstrip("+")
        elif line.startswith("$ "):
            steps.append(Step(number, line[2:]))
        elif line.startswith("> ") and steps and not steps[-1].expected:
            steps[-1].command += "\n" + line[2:]
        elif steps and re.fullmatch(r"\[\d+\]", line):
            steps[-1].code = int(line[1:-1])
        elif steps:
            steps[-1].expected.append(line)
    for step in steps:  # blank lines before the next command are for the reader
        while step.expected and not step.expected[-1].strip():
            step.expected.pop()
    return steps, wants


def line_matches(pattern: str, actual: str) -> bool:
    parts = re.split(r"(<hex>|<n>|<time>|<any>)", pattern)
    return re.fullmatch("".join(PATTERNS.get(part, re.escape(part)) for part in parts), actual) is not None


def matches(expected: list[str], actual: list[str]) -> bool:
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(matches(expected[1:], actual[start:]) for start in range(len(actual) + 1))
    return bool(actual) and line_matches(expected[0], actual[0]) and matches(expected[1:], actual[1:])


def psql(url: str, sql: str) -> None:
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", sql, url], check=True, capture_output=True)


@functools.cache
def dumps(major: int) -> bool:
    """Whether a pg_dump is here that can read a server of this version."""
    found = [int(one.parts[-3]) for one in pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_dump")]
    return any(one >= major for one in found)


def run(path: pathlib.Path, base_url: str) -> tuple[pathlib.Path, str, float]:
    started = time.monotonic()
    steps, wants = read(path)
    if "program" in wants and not shutil.which(wants["program"]):
        return path, f"left out: {wants['program']} is not here", 0
    if wants.get("program") == "pg_dump" and not dumps(int(os.environ.get("SEGUE_TEST_MAJOR", "15"))):
        return path, "left out: no pg_dump here can read this server", 0
    if "server" in wants and int(os.environ.get("SEGUE_TEST_MAJOR", "15")) < int(wants["server"]):
        return path, f"left out: needs PostgreSQL {wants['server']}", 0
    name = f"s{os.getpid()}_{next(counter)}"
    psql(base_url, f'CREATE DATABASE "{name}"')
    url = re.sub(r"/[^/?]*(\?.*)?$", rf"/{name}\1", base_url)
    try:
        with tempfile.TemporaryDirectory(prefix="segue-scenario-") as folder:
            return path, play(steps, folder, url), time.monotonic() - started
    finally:
        psql(base_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def play(steps: list[Step], folder: str, url: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    program = pathlib.Path(os.environ.get("SEGUE", "build/release/segue")).resolve()
    environment.update(DATABASE_URL=url, NO_COLOR="1", COLUMNS="120", LC_ALL="C.UTF-8", HOME=folder,
                       PATH=f"{program.parent}:{environment['PATH']}", ROOT=str(HERE.parent))
    script = "".join(f"{step.command}\necho \"{MARK}$?\"\n" for step in steps)
    result = subprocess.run(["bash", "-c", f"exec 2>&1\n{script}"], cwd=folder, env=environment, text=True,
                            capture_output=True, timeout=600, stdin=subprocess.DEVNULL, errors="replace", check=False)
    at = 0
    lines = result.stdout.splitlines()
    for step in steps:
        actual: list[str] = []
        code = None
        while at < len(lines) and code is None:
            before, mark, after = lines[at].partition(MARK)
            if before or not mark:
                actual.append(before if mark else lines[at])
            if mark:
                code = int(after)
            at += 1
        if code != step.code or not matches(step.expected, actual):
            shown = "\n".join(f"    | {line}" for line in actual)
            wanted = "\n".join(f"    | {line}" for line in step.expected)
            return f"line {step.line}: $ {step.command}\n  exit code {code}, expected {step.code}\n  expected:\n{wanted}\n  got:\n{shown}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    files = arguments.files or sorted((HERE / "scenarios").rglob("*.txt"))
    base_url = os.environ["DATABASE_URL"]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for path, problem, seconds in pool.map(lambda file: run(file, base_url), files):
            if problem.startswith("left out"):
                print(f"-     {path.stem}: {problem}")
            elif problem:
                failed += 1
                print(f"FAIL  {path}: {problem}")
            else:
                passed += 1
                print(f"ok    {path.stem} ({seconds:.1f} s)")
    print(f"scenarios: {passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
