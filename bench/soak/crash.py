"""The proofs of tests/e2e with cut connections, dropped commits, ended sessions, kills and immediate stops of the server, over
and over, each time with another seed and on the next server."""
import os
import re
import subprocess
import sys
import time

MOST_SECONDS = 1200  # for one round
PROOFS = ("proxy: ", "server: stopped hard", "crowd: ", "latency: ")
KINDS = {"cut": "connections cut", "kill": "kill -9 of segue", "end": "sessions ended by the server",
         "before": "COMMIT held back", "without waiting": "cut as COMMIT was sent", "after": "answer to COMMIT dropped",
         "stops met a runner": "immediate stops of the server"}
COUNT = re.compile(r"\b(\d+) (" + "|".join(KINDS) + r")\b")


def soak(settings, record, seconds):
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        major, folder = settings.servers[number % len(settings.servers)]
        for proof in PROOFS:
            if time.monotonic() < end:
                one(settings, record, major, folder, settings.seed + number, proof)
        number += 1


def counts(said):
    """Of the cases that held, from their notes."""
    found = {}
    for line in said.splitlines():
        if not line.startswith("ok "):
            continue
        note = line.split(" s): ", 1)[-1]
        for number, kind in COUNT.findall(note):
            found[KINDS[kind]] = found.get(KINDS[kind], 0) + int(number)
    return found


def one(settings, record, major, folder, seed, proof):
    arguments = ["tests/e2e/run.py", "--only", proof, "--seed", str(seed), "--pg-bin", folder]
    try:
        done = subprocess.run([sys.executable, *arguments], cwd=settings.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=MOST_SECONDS, check=False,
                              env={**os.environ, "SEGUE": settings.segue, "SEGUE_LONG": "1"})
        said, failed = done.stdout, done.returncode != 0
    except subprocess.TimeoutExpired as slow:
        said, failed = f"{slow.stdout}\nit did not end within {slow.timeout} s", True
    for kind, number in counts(said).items():
        record.count("crashes", f"{kind}, PostgreSQL {major}", number)
    if failed:
        wrong = "\n".join(line for line in said.splitlines() if not line.startswith("ok "))
        shown = f"SEGUE_LONG=1 SEGUE={settings.segue} python3 tests/e2e/run.py --only '{proof.strip()}' --seed {seed} --pg-bin {folder}"
        record.fail(f"kills and cuts on PostgreSQL {major}", seed, shown, wrong)
