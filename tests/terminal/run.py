#!/usr/bin/env python3
"""A newcomer's run of the demo in a terminal: bars, colours, widths, Ctrl-C, and what is left behind.

    python3 tests/terminal/run.py [--only NAME]… [--segue PROGRAM] [--jobs N] [--list]

Each case of cases.py is one line of the output; where something is not as promised, what was seen follows. The last
line is `terminal: N passed, N failed`. `--only` takes part of a name. The program is `--segue`, else SEGUE, else that
of the release build. It needs bash and a PostgreSQL server, as the demo does.
"""
import argparse
import concurrent.futures
import os
import pathlib
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))

from cases import cases  # noqa: E402
from window import NotSeen  # noqa: E402


def play(name, segue):
    """Whether all is as promised; prints the case's line."""
    started = time.monotonic()
    try:
        problems = cases[name](segue)
    except NotSeen as what:
        problems = [str(what)]
    except Exception:  # a mistake in a case fails that case alone
        problems = [traceback.format_exc()]
    seconds = time.monotonic() - started
    said = "".join(f"\n      {problem}" for problem in dict.fromkeys(problems))
    print(f"{'FAIL' if problems else 'ok  '}  {name} ({seconds:.1f} s){said}", flush=True)
    return not problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--segue", default=os.environ.get("SEGUE", str(HERE.parents[1] / "build/release/segue")))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    chosen = [name for name in cases if not arguments.only or any(part in name for part in arguments.only)]
    if arguments.list:
        print("\n".join(chosen))
        return 0
    segue = str(pathlib.Path(arguments.segue).resolve())
    if not os.access(segue, os.X_OK):
        raise SystemExit(f"there is no program {segue}: build it, or say --segue PROGRAM")
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        results = list(pool.map(lambda name: play(name, segue), chosen))
    print(f"terminal: {results.count(True)} passed, {results.count(False)} failed")
    return 1 if False in results or not results else 0


if __name__ == "__main__":
    sys.exit(main())
