#!/usr/bin/env python3
"""Backfills against what people write by hand, side by side on one durable server, each run on a fresh copy of the data.

run.py SEGUE [--out FILE] [--runs N] [--scale F] [--large ROWS] [--seconds S] [--limits TEXT] [--without-throttle TEXT]
[--only PART]…: --scale makes all tables smaller by that factor. The limits are those of full scale; the result says at
which it was measured. A part that fails is a row that does not hold, and the others go on.
"""
import argparse
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from house import Bench  # noqa: E402
import busy  # noqa: E402
import constant  # noqa: E402
import expression  # noqa: E402
import large  # noqa: E402
import narrow  # noqa: E402
import uuid_keys  # noqa: E402
from program import Project  # noqa: E402
from server import SETTINGS, Server  # noqa: E402

BY_NAME_ONLY = True  # it takes an hour
PARTS = {"constant": constant, "expression": expression, "narrow": narrow, "large": large, "busy": busy, "uuid": uuid_keys}


class Setting:
    """What all parts share: the bench, the server, how large, and the memory of each of the program's runs."""

    def __init__(self, bench, server, asked):
        self.bench, self.server, self.asked = bench, server, asked
        self.memory, self.notes = [], []

    def project(self, text, limits=None):
        """With these limits, or those that were asked for; with neither the program's own."""
        limits = limits or self.asked.limits
        return Project(self.bench.segue, text, f"limits: {{ {limits} }}\n" if limits else "")

    def fails(self, part, message):
        print(f"  {part} failed: {message}", file=sys.stderr, flush=True)
        short = message if len(message) <= 120 else f"{message[:60]} … {message[-60:]}"
        self.bench.rows.append({"what": f"{part}: {short}", "segue": None, "unit": "", "against": "", "baseline": None, "ratio": None,
                                "limit": "it ends", "kept": False})
        self.server.drop_all()

    def rows(self, count):
        return max(100, int(count * self.asked.scale))


def arguments():
    """Its own; what is left is read by the bench that all share."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--large", type=int, default=4_000_000, help="rows of the large table; the limit is spoken of 20,000,000")
    parser.add_argument("--seconds", type=int, default=20, help="how long the load runs alone")
    parser.add_argument("--limits", help="what stands in the migrations' limits, such as 'workers: 2'; nothing unless said")
    parser.add_argument("--without-throttle", metavar="LIMITS", help="limits with which the busy part is measured once more")
    parser.add_argument("--only", action="append", choices=PARTS)
    asked, others = parser.parse_known_args()
    sys.argv[1:] = others
    return asked


def stopped(*_):
    raise KeyboardInterrupt


def main():
    asked = arguments()
    bench = Bench("backfill", 5)
    signal.signal(signal.SIGTERM, stopped)
    with Server() as server:
        setting = Setting(bench, server, asked)
        for name in asked.only or PARTS:
            print(f"== {name}", file=sys.stderr, flush=True)
            try:
                PARTS[name].measure(setting)
            except KeyboardInterrupt:
                setting.fails(name, "stopped from outside; what comes after it was not measured")
                break
            except (Exception, SystemExit) as problem:
                setting.fails(name, " ".join(str(problem).split()) or type(problem).__name__)
        if setting.memory:
            bench.row(f"peak memory of the program, the largest of {len(setting.memory)} runs", [max(setting.memory)], "MB", most=40)
        version = server.version()
    bench.end(machine={"server": version, "settings": SETTINGS}, scale=asked.scale, limits=asked.limits or "the program's own",
              notes=setting.notes)


main()
