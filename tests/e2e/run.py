#!/usr/bin/env python3
"""The proofs end to end: the program as a user runs it, against a real server with the example's data.

    SEGUE=build/release/segue python3 tests/e2e/run.py [--only NAME] [--fast] [--seed N] [--pg-bin DIR]… [--list]

Each file proof_*.py is one proof; each of its functions that `@case` marks is one case and one line of the output. The
last line is `e2e: N passed, N failed`. `--only` takes part of a name and may be given several times. `--fast` takes
those marked so, `--hard N` a slice of the many small cases called "hard". `--pg-bin`, which may be given several times too, names servers for the proof of all versions, and the
first of them serves the other proofs. What is drawn at random is drawn from `--seed`, which is printed.
"""
import argparse
import importlib
import os
import pathlib
import random
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import house  # noqa: E402


# Played by ./dev soak, and by name.
LONG = ("crowd: ", "latency: ", "hostile: ")


def open_bugs():
    """Cases whose bug is known and not mended yet (open.txt): they are played and shown, and do not count as failed."""
    lines = (HERE / "open.txt").read_text().splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def chosen(cases, only, fast):
    for one in cases:
        if not one.fast if fast else one.fast == "only":
            continue
        if only and not any(part in one.name for part in only):
            continue
        yield one


def play(one, seed):
    """The text of what went wrong; nothing where nothing did."""
    started = time.monotonic()
    random_numbers = random.Random(f"{seed} {one.name}")
    try:
        with house.Stage(one.name, random_numbers) as stage:
            note = one.function(stage)
    except house.LeftOut as reason:
        print(f"-     {one.name}: left out, {reason}", flush=True)
        return None
    except house.Wrong as wrong:
        return f"FAIL  {one.name} ({time.monotonic() - started:.1f} s): {wrong}"
    except Exception:  # a mistake in a proof fails that proof alone
        return f"FAIL  {one.name} ({time.monotonic() - started:.1f} s): {traceback.format_exc()}"
    print(f"ok    {one.name} ({time.monotonic() - started:.1f} s){': ' + note if note else ''}", flush=True)
    return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--long", action="store_true", help="also what takes minutes: distant lines, crowds of neighbours, hostile surroundings")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1000000)
    parser.add_argument("--pg-bin", action="append", default=[])
    parser.add_argument("--scale", type=int, default=20000)
    parser.add_argument("--hard", type=int, default=None, help="so many of the cases called \"hard: …\", drawn by the seed; all without it")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    for path in sorted(HERE.glob("proof_*.py")):
        importlib.import_module(path.stem)
    cases = list(chosen(house.cases, arguments.only, arguments.fast))
    if not arguments.only and not arguments.long:
        cases = [one for one in cases if not one.name.startswith(LONG)]
    hard = [one for one in cases if one.name.startswith("hard: ")]
    if arguments.hard is not None and arguments.hard < len(hard):
        left_out = set(random.Random(arguments.seed).sample(hard, len(hard) - arguments.hard))
        cases = [one for one in cases if one not in left_out]
    if arguments.list:
        print("\n".join(f"{one.name}{' (fast)' if one.fast else ''}" for one in cases))
        return 0
    house.prepare(os.environ.get("SEGUE", "build/release/segue"), arguments.pg_bin, arguments.scale, arguments.fast)
    print(f"seed {arguments.seed}", flush=True)
    passed = failed = still_open = 0
    known = open_bugs()
    try:
        for one in cases:
            problem = play(one, arguments.seed)
            if problem is None:
                continue
            if problem and one.name in known:
                print(f"open  {one.name}: a known bug (tests/e2e/open.txt)", flush=True)
                still_open += 1
                continue
            if one.name in known:
                print(f"      it holds now: take '{one.name}' out of tests/e2e/open.txt", flush=True)
            passed += not problem
            failed += bool(problem)
            if problem:
                print(problem, flush=True)
    finally:
        house.close()
    if still_open:
        print(f"known bugs that are still open: {still_open}")
    print(f"e2e: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
