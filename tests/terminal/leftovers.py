"""What a run leaves on the machine: processes and files. Each run has a temporary folder of its own to be known by."""
import os
import pathlib
import shutil
import tempfile
import time


class Place:
    """A folder that everybody can write to, as /tmp is, since the server runs as another user where we are root."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="segue-terminal-", dir="/tmp"))
        self.folder.chmod(0o1777)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, **more):
        """As a newcomer's shell has it, but for connections and colours of whoever runs the tests."""
        ours = ("PG", "SEGUE", "DATABASE_URL", "NO_COLOR", "COLUMNS", "LINES")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {**kept, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "TMPDIR": str(self.folder), **more}

    def processes(self):
        """Those that were started with this folder as TMPDIR, or work in it: 'title (123)'."""
        return [f"{title_of(entry)} ({entry.name})" for entry in pathlib.Path("/proc").iterdir()
                if entry.name.isdigit() and int(entry.name) != os.getpid() and self._is_ours(entry)]

    def _is_ours(self, process):
        try:
            if os.readlink(process / "cwd").startswith(str(self.folder)):
                return True  # a server overwrites its environment with its title, but works in its data folder
            return f"TMPDIR={self.folder}".encode() in (process / "environ").read_bytes().split(b"\0")
        except OSError:
            return False  # it has just ended, or belongs to somebody else

    def files(self):
        """All but the empty folder in which the server's user has its clusters."""
        return sorted(str(path) for path in self.folder.iterdir()
                      if not (path.name.startswith("segue-") and path.name[6:].isdigit() and not any(path.iterdir())))

    def what_is_left(self, seconds=10):
        """Waits until nothing is left; what still is then, one problem a line."""
        deadline = time.monotonic() + seconds
        while (left := self._left()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return left

    def _left(self):
        return [f"still running: {one}" for one in self.processes()] + [f"left behind: {path}" for path in self.files()]


def title_of(process):
    try:
        words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        return words[:80] or (process / "comm").read_text().strip()
    except OSError:
        return "gone"
