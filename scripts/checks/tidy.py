"""clang-tidy over every source file of src/; a file that has not changed since its last clean run is not read again.

A file counts as unchanged when its own text, the text of every header of the checkout and .clang-tidy are the same.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

STAMPS = pathlib.Path("build/tidy")
COMPILE_COMMANDS = pathlib.Path("build/release/compile_commands.json")


def shared_digest() -> bytes:
    digest = hashlib.sha256(pathlib.Path(".clang-tidy").read_bytes())
    for header in sorted(pathlib.Path("src").rglob("*.h")) + sorted(pathlib.Path("tests").rglob("*.h")):
        digest.update(header.read_bytes())
    return digest.digest()


def run(file: str, shared: bytes) -> str:
    stamp = STAMPS / (hashlib.sha256(shared + file.encode() + pathlib.Path(file).read_bytes()).hexdigest())
    if stamp.exists():
        return ""
    result = subprocess.run(
        ["clang-tidy-19", "--quiet", "--warnings-as-errors=*", "-p", str(COMPILE_COMMANDS.parent), file],
        capture_output=True, text=True, check=False)
    if result.returncode == 0:
        stamp.touch()
        return ""
    return result.stdout + "".join(line for line in result.stderr.splitlines(True) if "error" in line)


def main() -> int:
    STAMPS.mkdir(parents=True, exist_ok=True)
    here = os.getcwd() + "/"
    files = [entry["file"].removeprefix(here) for entry in json.loads(COMPILE_COMMANDS.read_text())]
    files = sorted({file for file in files if file.startswith("src/") and not file.endswith("_test.cc") and pathlib.Path(file).exists()})
    shared = shared_digest()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        problems = [text for text in pool.map(lambda file: run(file, shared), files) if text]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main())
