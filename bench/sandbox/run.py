#!/usr/bin/env python3
"""A server of one's own: `segue sandbox`, the first time and later, against initdb and pg_ctl by hand."""
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from house import Bench, rounds, seconds_of, server_programs  # noqa: E402

NO_SYNC = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def by_hand(folder, programs, sync):
    """initdb, start, createdb, stop, as the user that may."""
    data, socket = f"{folder}/data", folder
    script = (f"{programs}/initdb -D {data} -A trust -U postgres {'' if sync else '-N'} >/dev/null && "
              f"{programs}/pg_ctl -D {data} -w -l {folder}/log -o '-k {socket} -c listen_addresses= {'' if sync else NO_SYNC}' start "
              f">/dev/null && {programs}/createdb -h {socket} -U postgres sandbox && "
              f"{programs}/pg_ctl -D {data} -w -m fast stop >/dev/null")
    return ["runuser", "-u", "postgres", "--", "sh", "-c", script] if os.geteuid() == 0 else ["sh", "-c", script]


def seconds_by_hand(programs, sync):
    folder = tempfile.mkdtemp(prefix="bench-")
    try:
        os.chmod(folder, 0o777)
        return seconds_of(by_hand(folder, programs, sync))
    finally:
        shutil.rmtree(folder)


def seconds_first(bench):
    """With a cache that holds no cluster to copy: for root, whose cache has one place, in a mount of its own."""
    empty = tempfile.mkdtemp(prefix="bench-")
    try:
        command = [bench.segue, "sandbox", "--pg-bin", str(server_programs()), "--", "true"]
        if os.geteuid() == 0:
            os.makedirs("/var/cache/segue", exist_ok=True)
            os.chmod(empty, 0o755)
            command = ["unshare", "-m", "sh", "-c", f'mount --bind {empty} /var/cache/segue && exec "$@"', "-", *command]
        return seconds_of(command, XDG_CACHE_HOME=empty)
    finally:
        shutil.rmtree(empty)


def main():
    bench = Bench("sandbox", 5)
    programs = server_programs()
    took = rounds(
        bench.runs, first=lambda: seconds_first(bench),
        later=lambda: seconds_of([bench.segue, "sandbox", "--pg-bin", str(programs), "--", "true"]),
        hand=lambda: seconds_by_hand(programs, True), hand_no_sync=lambda: seconds_by_hand(programs, False))
    for what, name in (("the first sandbox", "first"), ("a later sandbox", "later")):
        bench.row(f"{what}, start and end", took[name], "s", "initdb, pg_ctl start, createdb, stop", took["hand"], most=3)
        bench.row(f"{what}, start and end", took[name], "s", "the same without fsync", took["hand_no_sync"])
    bench.end()


main()
