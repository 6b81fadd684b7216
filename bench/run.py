#!/usr/bin/env python3
"""Runs the benches and prints their figures: run.py SEGUE [--runs N] [NAME…].

A bench is a folder here with a run.py; a new one needs nothing else. It is called with the program and --out, writes its
figures there as JSON, and ends with 1 where a limit is not kept. Without names all run but those that say BY_NAME_ONLY.
"""
import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / "results"


def benches():
    return {path.parent.name: path for path in sorted(HERE.glob("*/run.py"))}


def shown(value):
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def table(result):
    """Lines of a table; of a bench with figures of its own form, those figures."""
    if "rows" not in result:
        for key, value in result.items():
            if not isinstance(value, (dict, list)):
                yield f"  {key:<20} {shown(value)}"
        return
    lines = [["", "segue", "against", "", "ratio", "in the rounds", "limit"]]
    for row in result["rows"]:
        baseline = f"{shown(row['baseline'])} {row['unit']}" if row["against"] else ""
        lines.append([row["what"], f"{shown(row['segue'])} {row['unit']}", row["against"], baseline, shown(row["ratio"]),
                      " to ".join(map(str, row.get("ratio_range") or [])),
                      row["limit"] if row["kept"] else f"NOT KEPT: {row['limit']}"])
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    right = {1, 3, 4}
    for line in lines:
        yield "  " + "  ".join(text.rjust(width) if place in right else text.ljust(width)
                               for place, (text, width) in enumerate(zip(line, widths))).rstrip()


def main():
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("segue")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--runs", type=int)
    asked = parser.parse_intermixed_args()
    known = benches()
    for name in asked.names:
        if name not in known:
            print(f"./dev bench: there is no bench '{name}'; these are there: {', '.join(known)}", file=sys.stderr)
            return 2
    names = asked.names or [name for name, path in known.items() if "\nBY_NAME_ONLY = True" not in path.read_text()]
    RESULTS.mkdir(exist_ok=True)
    kept, not_kept = [], []
    for name in names:
        print(f"== {name}", flush=True)
        out = RESULTS / f"{name}.json"
        more = ["--runs", str(asked.runs)] if asked.runs else []
        before = out.stat().st_mtime_ns if out.exists() else 0
        code = subprocess.run([sys.executable, str(known[name]), asked.segue, "--out", str(out), *more],
                              stdout=subprocess.DEVNULL, check=False).returncode
        (not_kept if code else kept).append(name)
        if out.exists() and out.stat().st_mtime_ns != before:
            print("\n".join(table(json.loads(out.read_text()))), flush=True)
        else:
            print(f"  no figures: it ended with {code}", flush=True)
    print(f"bench: {len(kept)} keep their limits" + (f", {len(not_kept)} do not: {', '.join(not_kept)}" if not_kept else ""))
    return 1 if not_kept else 0


sys.exit(main())
