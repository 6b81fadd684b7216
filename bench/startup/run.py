#!/usr/bin/env python3
"""How long the program takes to say something, against psql and against a program that does nothing."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from house import Bench, client, rounds, scaled, seconds_of  # noqa: E402


def main():
    bench = Bench("startup", 101)
    psql = client("psql")
    took = rounds(bench.runs,
                   nothing=lambda: seconds_of(["/bin/true"]),
                   psql=lambda: seconds_of([psql, "--version"]),
                   version=lambda: seconds_of([bench.segue, "--version"]),
                   help=lambda: seconds_of([bench.segue, "--help"]))
    for what in ("version", "help"):
        bench.row(f"segue --{what}", scaled(took[what], 1000), "ms", "psql --version", scaled(took["psql"], 1000), most=20)
    bench.row("segue --version", scaled(took["version"], 1000), "ms", "/bin/true", scaled(took["nothing"], 1000))
    bench.end()


main()
