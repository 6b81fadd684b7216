#!/usr/bin/env python3
"""segue lint against squawk's native binary: 1,000 generated files of 10 statements, JSON, in one run.

usage: run.py SEGUE [--squawk BINARY] [--out FILE]

Without --squawk the npm package squawk-cli is fetched into a temporary folder. Both read the same files, one after the
other, eleven times; the medians are compared. The memory is the largest resident set of segue's process.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

STATEMENTS = [
    "CREATE TABLE {t}_{n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL DEFAULT 'a',"
    " total numeric(10, 2), created_at timestamptz NOT NULL DEFAULT now());",
    "CREATE INDEX idx_{t}_{n} ON {t} (name, total);",
    "ALTER TABLE {t} ADD COLUMN client_id_{n} integer REFERENCES clients (id);",
    "ALTER TABLE {t} ALTER COLUMN email SET NOT NULL;",
    "UPDATE {t} SET a = lower(b) WHERE b IS NULL AND id BETWEEN {n} AND {n} + 1000;",
    "ALTER TABLE {t} ADD CONSTRAINT positive_{n} CHECK (total > 0);",
    "DROP TABLE IF EXISTS old_{t}_{n};",
    "ALTER TABLE {t} ALTER COLUMN total TYPE bigint;",
    "CREATE UNIQUE INDEX CONCURRENTLY u_{t}_{n} ON {t} (lower(email)) WHERE deleted_at IS NULL;",
    "CREATE OR REPLACE FUNCTION touch_{n}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now();"
    " RETURN NEW; END $$;",
    "COMMENT ON TABLE {t} IS 'number {n}';",
    "CREATE VIEW v_{n} AS SELECT u.id, count(*) AS orders FROM {t} u JOIN orders o ON o.user_id = u.id GROUP BY u.id;",
    "INSERT INTO {t} (name, total) VALUES ('a', 1), ('b', 2), ('c', 3);",
    "ALTER TABLE {t} ADD FOREIGN KEY (owner_id) REFERENCES users (id) NOT VALID;",
]
TABLES = ["users", "orders", "invoices", "payments", "products", "contacts", "projects", "events", "notes", "tasks"]


def generate(folder, files, statements):
    dice = random.Random(7)
    for number in range(files):
        lines = [
            dice.choice(STATEMENTS).format(t=dice.choice(TABLES), n=number * statements + each)
            for each in range(statements)
        ]
        (folder / f"{number:06d}_change.sql").write_text("\n".join(lines) + "\n")


def find_squawk(given, scratch):
    if given:
        return given
    found = shutil.which("squawk")
    if found:
        return found
    subprocess.run(["npm", "install", "--silent", "--prefix", scratch, "squawk-cli"], check=True)
    for path in pathlib.Path(scratch).rglob("bin/squawk"):
        if path.stat().st_size > 1_000_000:
            return str(path)
    sys.exit("squawk's native binary was not found")


def timed(command, output):
    start = time.perf_counter()
    with open(output, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - start, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("segue")
    arguments.add_argument("--squawk")
    arguments.add_argument("--out")
    arguments.add_argument("--files", type=int, default=1000)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "migrations"
        folder.mkdir()
        generate(folder, asked.files, 10)
        squawk = find_squawk(asked.squawk, scratch)
        files = sorted(str(path) for path in folder.glob("*.sql"))
        ours = [asked.segue, "lint", "--format", "json", *files]
        theirs = [squawk, "--reporter", "json", *files]
        times = {"segue": [], "squawk": []}
        work = {"segue": [], "squawk": []}
        memory = 0
        for _ in range(11):
            for name, command in (("squawk", theirs), ("segue", ours)):
                seconds, peak, cpu = timed(command, os.path.join(scratch, name + ".json"))
                times[name].append(seconds)
                work[name].append(cpu)
                if name == "segue":
                    memory = max(memory, peak)
        findings = {name: len(json.load(open(os.path.join(scratch, name + ".json")))) for name in times}
    result = {
        "files": asked.files,
        "segue_seconds": round(statistics.median(times["segue"]), 4),
        "squawk_seconds": round(statistics.median(times["squawk"]), 4),
        "ratio": round(statistics.median(times["squawk"]) / statistics.median(times["segue"]), 2),
        "cpu_ratio": round(statistics.median(work["squawk"]) / statistics.median(work["segue"]), 2),
        "memory_mb": round(memory, 1),
        "findings": findings,
    }
    print(json.dumps(result, indent=2))
    if asked.out:
        pathlib.Path(asked.out).write_text(json.dumps(result, indent=2) + "\n")
    return 0 if result["ratio"] >= 2 and result["memory_mb"] < 60 else 1


if __name__ == "__main__":
    sys.exit(main())
