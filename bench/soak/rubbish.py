#!/usr/bin/env python3
"""Mutations of good migration files and SQL through `segue check` and `segue lint`: no crash, no hang, JSON as promised.

An input that brings trouble is kept in bench/results/soak_inputs/ (the seed alone would not bring it again: what is changed
are files of this checkout, which change too). As a program it tries a kept input again: rubbish.py SEGUE COMMAND PATH
"""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

from mutate import mutate

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "bench/results/soak_inputs"
BATCH = 40
MOST_SECONDS = 120
ENVIRONMENT = {"ASAN_OPTIONS": "exitcode=99:detect_leaks=0", "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99", "NO_COLOR": "1"}
CODES = {"check": {0, 2}, "lint": {0, 1, 2}}


def corpus(*patterns):
    return [path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern)) if path.stat().st_size < 60_000]


def check_batch(dice, folder):
    """A project whose migrations are all changed in their file or in the SQL beside it."""
    files = corpus("examples/*/migration.yaml", "examples/*/*/migration.yaml", "tests/golden/migration/**/*.yaml")
    sql = corpus("examples/*/*.sql")
    beside = (ROOT / "examples/visionwest/clients.sql").read_bytes()
    checks = (ROOT / "examples/visionwest/checks.sql").read_bytes()
    (folder / "segue.yaml").write_text("database: ${DATABASE_URL}\n")
    for number in range(BATCH):
        home = folder / "migrations" / f"{number + 1:04d}_rubbish_{number}"
        home.mkdir(parents=True)
        yaml_changed = dice.random() < 0.7
        (home / "migration.yaml").write_bytes(mutate(dice, dice.choice(files), files + sql) if yaml_changed else dice.choice(files))
        (home / "clients.sql").write_bytes(beside if yaml_changed else mutate(dice, beside, sql))
        (home / "checks.sql").write_bytes(checks if dice.random() < 0.7 else mutate(dice, checks, sql))
    return ["-C", str(folder), "check", "--json"], sorted((folder / "migrations").iterdir())


def lint_batch(dice, folder):
    texts = corpus("examples/**/*.sql", "tests/lint/*.sql", "tests/lint/cases/*.txt")
    paths = [folder / f"{number:04d}.sql" for number in range(BATCH)]
    for path in paths:
        path.write_bytes(mutate(dice, dice.choice(texts), texts))
    return ["lint", "--format", "json", *map(str, paths)], paths


MAKERS = {"check": check_batch, "lint": lint_batch}


def trouble(program, command, arguments):
    """What is wrong with how it took them; nothing where nothing is."""
    try:
        done = subprocess.run([program, *arguments], capture_output=True, timeout=MOST_SECONDS, check=False,
                              stdin=subprocess.DEVNULL, env={**os.environ, **ENVIRONMENT})
    except subprocess.TimeoutExpired:
        return f"no answer within {MOST_SECONDS} s"
    said = done.stderr.decode(errors="replace")
    if done.returncode not in CODES[command]:
        return f"exit code {done.returncode}\n{said[-3000:]}"
    try:
        json.loads(done.stdout.decode("utf-8"))
    except ValueError as problem:
        return f"its answer is not one JSON value in UTF-8: {problem}\n{said[-500:]}"
    return ""


def try_one(program, command, path):
    """Trouble with one file of SQL or one migration's folder, or with a folder of them."""
    if command == "lint":
        return trouble(program, command, ["lint", "--format", "json", str(path)])
    with tempfile.TemporaryDirectory(prefix="segue-rubbish-") as project:
        pathlib.Path(project, "segue.yaml").write_text("database: ${DATABASE_URL}\n")
        one_only = (path / "migration.yaml").exists()
        shutil.copytree(path, pathlib.Path(project, "migrations", "0001_rubbish" if one_only else ""))
        return trouble(program, command, ["-C", project, "check", "--json"])


def alone(program, command, paths):
    """The input that brings the trouble by itself, where one does."""
    for path in paths:
        said = try_one(program, command, path)
        if said:
            return path, said
    return None, ""


def has_command(program, command):
    return subprocess.run([program, command, "--help"], capture_output=True, check=False).stdout.find(
        f"Usage: segue {command}".encode()) >= 0


def one(program, command, seed, batch):
    """Trouble with this batch, and where its input is kept."""
    with tempfile.TemporaryDirectory(prefix="segue-rubbish-") as scratch:
        folder = pathlib.Path(scratch)
        arguments, paths = MAKERS[command](random.Random(f"{command} {seed} {batch}"), folder)
        said = trouble(program, command, arguments)
        if not said:
            return "", ""
        culprit, own = alone(program, command, paths)
        if culprit is None:  # only all of them together
            culprit, own = paths[0].parent, said
        keep = KEPT / f"{command}-{seed}-{batch}{culprit.suffix}"
        KEPT.mkdir(parents=True, exist_ok=True)
        if culprit.is_dir():
            shutil.copytree(culprit, keep, dirs_exist_ok=True)
        else:
            shutil.copy(culprit, keep)
        return own, str(keep.relative_to(ROOT))


def soak(settings, record, seconds):
    end = time.monotonic() + seconds
    # With the sanitizers where that build is there: it sees more, and is slower.
    programs = settings.sanitized or [settings.segue]
    commands = [command for command in MAKERS if has_command(programs[0], command)]
    batch, failed = 0, {}
    while time.monotonic() < end:
        for command in commands:
            program = programs[batch % len(programs)]
            said, kept = one(program, command, settings.seed, batch)
            if not said:
                record.count("rubbish", command, BATCH)
                continue
            failed[command] = failed.get(command, 0) + 1
            record.fail(f"rubbish into {command}, batch {batch}", settings.seed,
                        f"bench/soak/rubbish.py {program} {command} {kept}", said)
        commands = [command for command in commands if failed.get(command, 0) < 5]  # the same again tells nothing new
        if not commands:
            return
        batch += 1


if __name__ == "__main__":
    found = try_one(sys.argv[1], sys.argv[2], ROOT / sys.argv[3])
    print(found or "nothing is wrong with it")
    sys.exit(1 if found else 0)
