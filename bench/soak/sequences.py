"""Random DDL sequences of src/catalog, there and back, on each server in turn."""
import os
import re
import subprocess
import time

CHUNK = 100
FILTER = "--gtest_filter=ThereAndBack.RandomSequences"


def soak(settings, record, seconds):
    end = time.monotonic() + seconds
    first = settings.seed
    while time.monotonic() < end:
        for major, folder in settings.servers:
            if time.monotonic() < end:
                one(settings, record, major, folder, first)
        first += CHUNK


def one(settings, record, major, folder, first):
    variables = {"SEGUE_TEST_BIN_DIR": folder, "SEGUE_SEQUENCES": str(CHUNK), "SEGUE_SEED": str(first)}
    command = [settings.catalog_test, FILTER]
    try:
        done = subprocess.run(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=1200, check=False)
        said, failed = done.stdout, done.returncode != 0
    except subprocess.TimeoutExpired as slow:
        said, failed = f"{slow.stdout}\nit did not end within {slow.timeout} s", True
    if "[  PASSED  ] 1 test" in said:
        record.count("random DDL sequences", f"PostgreSQL {major}", CHUNK)
        return
    if not failed:
        said, failed = said + "\nthe test did not run", True
    # The test names the sequence that failed: all before it held.
    named = re.search(r"SEGUE_SEED=(\d+) SEGUE_SEQUENCES=1", said)
    seed, count = (int(named.group(1)), 1) if named else (first, CHUNK)
    record.count("random DDL sequences", f"PostgreSQL {major}", seed - first)
    shown = f"SEGUE_TEST_BIN_DIR={folder} SEGUE_SEED={seed} SEGUE_SEQUENCES={count} {settings.catalog_test} {FILTER}"
    record.fail(f"random DDL sequences on PostgreSQL {major}", seed, shown, said)
