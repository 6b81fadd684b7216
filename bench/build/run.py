#!/usr/bin/env python3
"""A clean release build and one file built again, without ccache, in a folder of its own.

The wall's seconds are what the limits speak of; the processors' seconds tell what it would be on an idle machine.
"""
import os
import pathlib
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from house import ROOT, Bench, environment  # noqa: E402
import subprocess  # noqa: E402

BY_NAME_ONLY = True  # it takes minutes
FOLDER = ROOT / "build" / "bench-clean"
ONE_FILE = "src/plan/CMakeFiles/segue_plan.dir/compile.cc.o"


def seconds(command):
    """Wall and processors, of the command and all that it starts."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               env=environment(CCACHE_DISABLE="1"))
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}\n{said[-2000:]}")
    return time.perf_counter() - started, used.ru_utime + used.ru_stime


def main():
    bench = Bench("build", 1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    cores = bench.machine["cores"]
    configured, _ = seconds(["cmake", "--preset", "release", "-B", str(FOLDER)])
    build = ["cmake", "--build", str(FOLDER)]
    clean, clean_work = seconds(build)
    (FOLDER / ONE_FILE).unlink()
    again, again_work = seconds([*build, "--target", "segue"])
    bench.row("clean release build with its tests", [configured + clean], "s", f"its processor time over {cores} cores",
              [clean_work / cores], most=360)
    bench.row("one file and the program", [again], "s", "its processor time", [again_work], most=15)
    shutil.rmtree(FOLDER)
    bench.end()


main()
