"""clang-tidy over every source file of src/; a file that has not changed since its last clean run is not read again.

A file counts as unchanged when its own text, the text of every header of the checkout that it includes, directly or
through others, and .clang-tidy are the same. What was clean is remembered beside the servers, so that a fresh clone on the
same machine need not read everything anew.

With --seconds N it begins no file after N seconds: a slice, whose files are drawn by SEED and printed as a number. Without
it every file is read.
"""
import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time

ROOT = pathlib.Path("/var/cache/segue") if os.geteuid() == 0 else pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "segue"
STAMPS = ROOT / "tidy"
COMPILE_COMMANDS = pathlib.Path("build/release/compile_commands.json")
# Read without the precompiled headers: a file names all that it uses.
READ_BY = pathlib.Path("build/tidy/compile_commands.json")
PRECOMPILED = re.compile(r"(-Winvalid-pch|-fpch-instantiate-templates|-Xclang -include(-pch)? -Xclang \S+|-Xclang -fno-pch-timestamp)")
INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"', re.M)


@functools.cache
def included(file: pathlib.Path) -> frozenset[pathlib.Path]:
    found = set()
    open_files = [file]
    while open_files:
        for name in INCLUDE.findall(open_files.pop().read_text()):
            header = pathlib.Path("src") / name
            if header.exists() and header not in found:
                found.add(header)
                open_files.append(header)
    return frozenset(found)


def digest(file: str) -> str:
    hash_of_all = hashlib.sha256(pathlib.Path(".clang-tidy").read_bytes() + file.encode())
    for one in [pathlib.Path(file), *sorted(included(pathlib.Path(file)))]:
        hash_of_all.update(one.read_bytes())
    return hash_of_all.hexdigest()


def run(file: str, until: float) -> str | None:
    """What clang-tidy complains of; None where there was no time left for it."""
    stamp = STAMPS / digest(file)
    if stamp.exists():
        return ""
    if time.monotonic() > until:
        return None
    result = subprocess.run(
        ["clang-tidy-19", "--quiet", "--warnings-as-errors=*", "-p", str(READ_BY.parent), file],
        capture_output=True, text=True, check=False)
    if result.returncode == 0:
        stamp.touch()
        return ""
    return result.stdout + "".join(line for line in result.stderr.splitlines(True) if "error" in line)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=float("inf"))
    until = time.monotonic() + parser.parse_args().seconds
    seed = os.environ.get("SEED", "1")
    STAMPS.mkdir(parents=True, exist_ok=True)
    here = os.getcwd() + "/"
    READ_BY.parent.mkdir(parents=True, exist_ok=True)
    READ_BY.write_text(PRECOMPILED.sub("", COMPILE_COMMANDS.read_text()))
    files = [entry["file"].removeprefix(here) for entry in json.loads(COMPILE_COMMANDS.read_text())]
    files = sorted({file for file in files if file.startswith("src/") and not file.endswith("_test.cc") and pathlib.Path(file).exists()})
    random.Random(seed).shuffle(files)
    problems, left = False, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for text in pool.map(lambda file: run(file, until), files):
            left += text is None
            if text:
                problems = True
                print(text, flush=True)
    print(f"clang-tidy: {len(files) - left} of {len(files)} files are read" + (f", the slice of seed {seed}" if left else ""))
    return 1 if problems else 0


sys.exit(main())
