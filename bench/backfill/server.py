"""A PostgreSQL of the bench's own, with the durability that a server has by default: fsync and synchronous_commit on.

All that is said here goes for the program and for its baselines. Every measurement runs on a copy of its own of a base
database, made file by file, behind a checkpoint.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from house import psql, server_programs

# Nothing else differs from a fresh initdb. The tables fit into this cache unless a part says otherwise.
SETTINGS = {"shared_buffers": "1GB", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "timezone": "UTC"}


class Server:
    """Runs while the block lasts; its data is gone afterwards."""

    def __init__(self):
        self.programs = server_programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="segue-bench-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.data, self.port = self.folder / "data", free_port()
        self.shared_buffers, self.bases = SETTINGS["shared_buffers"], []

    def __enter__(self):
        try:
            self.program("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
            with open(self.data / "postgresql.conf", "a", encoding="utf8") as conf:
                conf.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{self.folder}'\n")
                conf.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.program("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def program(self, name, *arguments, check=True):
        command = [str(self.programs / name), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise SystemExit(f"{name}: {done.stdout[-800:]}{done.stderr[-800:]}")

    def start(self, shared_buffers=SETTINGS["shared_buffers"]):
        self.shared_buffers = shared_buffers
        self.program("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-t", "60",
                     "-o", f"-c shared_buffers={shared_buffers}", "start")

    def restart(self, shared_buffers):
        """The same server with another cache; with the one that it has nothing happens."""
        if shared_buffers == self.shared_buffers:
            return
        self.program("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")
        self.start(shared_buffers)

    def url(self, database="postgres"):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def base(self, name, sql):
        """A database that copies are made of."""
        psql(self.url(), f"CREATE DATABASE {name}")
        self.bases.append(name)
        psql(self.url(name), sql)

    def drop(self, name):
        psql(self.url(), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def drop_all(self):
        for name in ("measured", *self.bases):
            self.drop(name)

    def copy(self, base):
        return Copy(self, base)

    def version(self):
        return psql(self.url(), "SHOW server_version").split()[0]


class Copy:
    """A copy of a base database, for one measurement."""

    def __init__(self, server, base):
        self.server, self.base = server, base

    def __enter__(self):
        major = int(self.server.version().split(".")[0])
        # Before 15 copying the files is the only way there is.
        strategy = " STRATEGY file_copy" if major >= 15 else ""
        psql(self.server.url(), f"CREATE DATABASE measured TEMPLATE {self.base}{strategy}")
        psql(self.server.url(), "CHECKPOINT")
        return self.server.url("measured")

    def __exit__(self, *_):
        self.server.drop("measured")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
