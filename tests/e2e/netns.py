"""A line between segue and its server whose packets can be swallowed: no FIN and no RST, as when a cable is pulled."""
import os
import subprocess

from house import LeftOut, psql
from proof_server_stop import Cluster


def ip(*words, check=True):
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise LeftOut(f"ip {' '.join(words)}: {done.stderr.strip()}")


class Line:
    """A network of its own for segue, with one wire to the host, where a server of our own listens."""

    def __init__(self, stage):
        if os.getuid() != 0:
            raise LeftOut("a network of its own needs root")
        self.space = f"segue-e2e-{os.getpid()}"
        self.here, self.there = "segue-here", "segue-there"
        stage.at_end(self.remove)
        ip("netns", "add", self.space)
        ip("link", "add", self.here, "type", "veth", "peer", "name", self.there, "netns", self.space)
        ip("addr", "add", "10.213.77.1/24", "dev", self.here)
        ip("link", "set", self.here, "up")
        ip("-n", self.space, "addr", "add", "10.213.77.2/24", "dev", self.there)
        ip("-n", self.space, "link", "set", self.there, "up")
        self.cluster = Cluster(stage)
        psql(self.cluster.url("postgres"), "ALTER SYSTEM SET listen_addresses = '*'")
        with open(self.cluster.data / "pg_hba.conf", "a", encoding="utf8") as rules:
            rules.write("host all all 10.213.77.0/24 trust\n")
        self.cluster.stop_hard()
        self.cluster.start()

    def start(self, database, *arguments):
        """The command on the other side."""
        url = database.url.replace("127.0.0.1", "10.213.77.1")
        process = subprocess.Popen(["ip", "netns", "exec", self.space, *database.command(*arguments)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True, env={**database.environment(), "DATABASE_URL": url},
                                   stdin=subprocess.DEVNULL)
        database.stage.at_end(lambda: process.poll() is None and process.kill())
        return process

    def swallow(self):
        """Each side sends to a neighbour that is not there."""
        ip("neigh", "replace", "10.213.77.2", "lladdr", "02:00:00:00:00:99", "dev", self.here, "nud", "permanent")
        ip("-n", self.space, "neigh", "replace", "10.213.77.1", "lladdr", "02:00:00:00:00:98", "dev", self.there, "nud", "permanent")

    def remove(self):
        ip("link", "del", self.here, check=False)
        ip("netns", "del", self.space, check=False)
