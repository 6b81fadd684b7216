"""Runs the suites of ./dev test, each with its log in build/tests/, and counts what they say of themselves."""
import concurrent.futures
import os
import pathlib
import random
import re
import subprocess
import sys
import time

LOGS = pathlib.Path("build/tests")
COUNTS = [
    re.compile(r"^\w+: (\d+) passed, (\d+) failed$", re.M),  # scenarios, check
    re.compile(r"^\[  PASSED  \] (\d+) tests?", re.M),
]


class Suite:
    def __init__(self, name: str, command: list[str], environment: dict[str, str] | None = None):
        self.name, self.command, self.environment = name, command, environment or {}


def servers() -> list[tuple[str, str]]:
    listed = subprocess.run(["bash", "-c", "source scripts/common.sh; all_servers"], capture_output=True, text=True, check=True)
    return [tuple(line.split(" ", 1)) for line in listed.stdout.splitlines()]


def unit_suites(preset: str, bin_dir: str, label: str, rooms: list[str] | None = None) -> list[Suite]:
    programs = sorted(pathlib.Path(f"build/{preset}/src").rglob("*_test"))
    return [
        Suite(f"{program.name} ({preset}, {label})", [str(program), "--gtest_brief=1"], {"SEGUE_TEST_BIN_DIR": bin_dir})
        for program in programs
        if program.is_file() and (rooms is None or program.name.removesuffix("_test") in rooms)
    ]


def scenario_suite(major: str, bin_dir: str, jobs: int) -> Suite:
    command = ["build/release/segue", "sandbox", "--pg-bin", bin_dir, "--", "tests/run_scenarios.py", "--jobs", str(jobs)]
    return Suite(f"scenarios (PostgreSQL {major})", command,
                 {"SEGUE": "build/release/segue", "SEGUE_TEST_MAJOR": major, "SEGUE_TEST_BIN_DIR": bin_dir})


def e2e_suite(bin_dirs: list[str], fast: bool) -> Suite:
    command = ["python3", "tests/e2e/run.py", "--seed", os.environ.get("SEED", "1"), "--hard", "8"] + (["--fast"] if fast else [])
    for bin_dir in bin_dirs:
        command += ["--pg-bin", bin_dir]
    return Suite("end to end", command, {"SEGUE": "build/release/segue", "PYTHONDONTWRITEBYTECODE": "1"})


def count(text: str, code: int) -> tuple[int, int]:
    passed = failed = 0
    for match in COUNTS[0].finditer(text):
        passed, failed = passed + int(match.group(1)), failed + int(match.group(2))
    for match in COUNTS[1].finditer(text):
        passed += int(match.group(1))
    failed += len(set(re.findall(r"^\[  FAILED  \] (\S+)", text, re.M)) - {"1", "2", "3"}) if "FAILED" in text else 0
    if code != 0 and failed == 0:
        failed = 1  # it died without saying why
    return passed, failed


def run(suite: Suite) -> tuple[int, int]:
    started = time.monotonic()
    log = LOGS / (re.sub(r"\W+", "_", suite.name).strip("_") + ".log")
    with log.open("w") as out:
        try:
            code = subprocess.run(suite.command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  env={**os.environ, **suite.environment}, timeout=1500, check=False).returncode
        except subprocess.TimeoutExpired:
            code = -1
            out.write("\nended: it took longer than 25 minutes\n")
    text = log.read_text(errors="replace")
    passed, failed = count(text, code)
    verdict = "ok  " if failed == 0 else "FAIL"
    print(f"{verdict}  {suite.name}: {passed} passed, {failed} failed in {time.monotonic() - started:.0f} s", flush=True)
    if failed:
        print("\n".join("      " + line for line in text.splitlines()[-60:]), flush=True)
        print(f"      all of it: {log}", flush=True)
    return passed, failed


def run_all(suites: list[Suite], jobs: int) -> tuple[int, int]:
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(run, suites))
    return sum(p for p, _ in results), sum(f for _, f in results)


def main(mode: str) -> int:
    LOGS.mkdir(parents=True, exist_ok=True)
    found = servers()
    if not found:
        print("no PostgreSQL server was found; ./dev setup installs one")
        return 2
    main_major, main_bin = next(((m, b) for m, b in found if m == "15"), found[0])
    print(f"seed {os.environ.get('SEED', '1')}; servers: " + ", ".join(m for m, _ in found), flush=True)
    totals = []
    if mode == "fast":
        # The longest first, so that both cores have something to do until the end.
        totals.append(run_all([e2e_suite([main_bin], True), *unit_suites("release", main_bin, f"PostgreSQL {main_major}"),
                               scenario_suite(main_major, main_bin, 1)], 3))
    else:
        totals.append(run_all([Suite("check", ["scripts/check.sh", "--slice"])], 1))
        totals.append(run_all(unit_suites("dev", main_bin, f"PostgreSQL {main_major}"), 2))
        # The rooms that differ most between servers, on two of the others each time.
        others = [major for major, _ in found if major != main_major]
        drawn = random.Random(os.environ.get("SEED")).sample(others, min(2, len(others)))
        for major, bin_dir in found:
            if major in drawn:
                totals.append(run_all(unit_suites("dev", bin_dir, f"PostgreSQL {major}", ["pg", "catalog"]), 2))
            totals.append(run_all([scenario_suite(major, bin_dir, 2)], 1))
        totals.append(run_all([Suite("terminal", ["python3", "tests/terminal/run.py"],
                                     {"SEGUE": "build/release/segue", "PYTHONDONTWRITEBYTECODE": "1"})], 1))
        totals.append(run_all([e2e_suite([main_bin] + [bin_dir for _, bin_dir in found if bin_dir != main_bin], False)], 1))
    passed, failed = sum(p for p, _ in totals), sum(f for _, f in totals)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main(sys.argv[1]))
