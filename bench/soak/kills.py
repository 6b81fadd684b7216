"""The proof tests/e2e with its kills, over and over, each time with another seed and on the next server."""
import os
import re
import subprocess
import sys
import time

MOST_SECONDS = 1200  # for one round
KILLS = re.compile(r"(\d+) kills of (\w+)|, (\d+) of (\w+)")


def soak(settings, record, seconds):
    if not (settings.root / "tests/e2e/run.py").exists():
        print("-     kills: tests/e2e/run.py is not here", flush=True)
        return
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        major, folder = settings.servers[number % len(settings.servers)]
        one(settings, record, major, folder, settings.seed + number)
        number += 1


def one(settings, record, major, folder, seed):
    arguments = ["tests/e2e/run.py", "--only", "kill", "--seed", str(seed), "--pg-bin", folder]
    try:
        done = subprocess.run([sys.executable, *arguments], cwd=settings.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=MOST_SECONDS, check=False,
                              env={**os.environ, "SEGUE": settings.segue})
        said, failed = done.stdout, done.returncode != 0
    except subprocess.TimeoutExpired as slow:
        said, failed = f"{slow.stdout}\nit did not end within {slow.timeout} s", True
    # Only kills of cases that held count.
    held = "\n".join(line for line in said.splitlines() if line.startswith("ok "))
    for match in KILLS.finditer(held):
        record.count("kills", f"{match.group(2) or match.group(4)}, PostgreSQL {major}", int(match.group(1) or match.group(3)))
    if failed:
        wrong = "\n".join(line for line in said.splitlines() if not line.startswith("ok "))
        record.fail(f"kills on PostgreSQL {major}", seed, f"SEGUE={settings.segue} python3 {' '.join(arguments)}", wrong)
