#!/usr/bin/env python3
"""The long counts, for so many minutes: soak.py BUILD [MINUTES] [--seed N] [--only PART] [--sanitized BUILD].

Random DDL sequences and crashes take three tenths of the time each, kills and rubbish two. All are counted in bench/results/soak.json.
The exit code is 1 where something failed; what failed is printed with the command that shows it again.
"""
import argparse
import os
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import crash  # noqa: E402
import house  # noqa: E402
import kills  # noqa: E402
import rubbish  # noqa: E402
import sequences  # noqa: E402
from record import Record  # noqa: E402

PARTS = {"sequences": (sequences.soak, 0.3), "kills": (kills.soak, 0.2), "crash": (crash.soak, 0.3), "rubbish": (rubbish.soak, 0.2)}


def arguments():
    parser = argparse.ArgumentParser(prog="./dev soak")
    parser.add_argument("build")
    parser.add_argument("minutes", nargs="?", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 2**31))
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--sanitized", help="a build with sanitizers, for the rubbish")
    asked = parser.parse_intermixed_args()
    build = pathlib.Path(asked.build)
    # Relative to the checkout, so that a command that is kept is good on another machine too.
    asked.segue = f"{'' if build.is_absolute() else './'}{build / 'segue'}"
    asked.catalog_test = f"{'' if build.is_absolute() else './'}{build / 'src/catalog/catalog_test'}"
    sanitized = pathlib.Path(asked.sanitized) / "segue" if asked.sanitized else None
    asked.sanitized = [f"./{sanitized}"] if sanitized and sanitized.exists() else []
    asked.root = house.ROOT
    os.chdir(house.ROOT)
    listed = subprocess.run(["bash", "-c", "source scripts/common.sh; all_servers"], cwd=house.ROOT, capture_output=True,
                            text=True, check=True).stdout
    asked.servers = [tuple(line.split(" ", 1)) for line in listed.splitlines()]
    if not asked.servers:
        raise SystemExit("./dev soak: no PostgreSQL server was found; ./dev setup installs one")
    return asked


def main():
    settings = arguments()
    parts = {name: part for name, part in PARTS.items() if not settings.only or name in settings.only}
    whole = sum(share for _, share in parts.values())
    print(f"seed {settings.seed}; {settings.minutes:g} minutes; servers: {', '.join(major for major, _ in settings.servers)}",
          flush=True)
    record = Record(house.ROOT / "bench/results/soak.json", settings.seed, settings.minutes, house.machine())
    record.try_known_again(house.ROOT)
    for name, (soak, share) in parts.items():
        print(f"== {name}", flush=True)
        soak(settings, record, settings.minutes * 60 * share / whole)
    for what, counts in record.run["counts"].items():
        for of, number in sorted(counts.items()):
            print(f"  {what}: {of}: {number:,} (all soaks: {record.known['counts'][what][of]:,})")
    print(f"soak: {len(record.failures)} failures")
    for failure in record.failures:
        print(f"  {failure['what']}: {failure['command']}")
    return 1 if record.failures else 0


sys.exit(main())
