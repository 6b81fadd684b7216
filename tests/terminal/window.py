"""A window in which a program runs: a pseudo-terminal of some size, typed into and read as by a person.

The program has the terminal as its own, as under a shell: Ctrl-C reaches it as a signal, and closing the window too.
Every wait is for something to be seen or for the program to end; the seconds only bound what would never happen.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

from screen import Screen

PATIENCE = 90  # seconds; more than any wait takes on a busy machine
BY_SHELL = 'terminal=$1; shift; exec "$@" <"$terminal"'  # whoever leads a session owns the first terminal it opens


class NotSeen(Exception):
    """What was waited for did not come; the text says what stood there instead."""


class Window:
    def __init__(self, command, environment, width, height=24, answers_in_pipe=False):
        self.height = height
        self.raw = b""
        self.answers = b""  # what went into the pipe
        self.screen = Screen(width, height)
        self._ours, self._theirs = pty.openpty()
        os.set_blocking(self._ours, False)
        self._set_size(width)
        self._modes_before = termios.tcgetattr(self._theirs)
        name = os.ttyname(self._theirs)
        streams = ' 2>"$terminal"' if answers_in_pipe else ' >"$terminal" 2>&1'
        self.process = subprocess.Popen(["sh", "-c", BY_SHELL + streams, "sh", name, *command], env=environment,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                                        stdout=subprocess.PIPE if answers_in_pipe else subprocess.DEVNULL)
        self._end = os.pidfd_open(self.process.pid)
        self._pipe = self.process.stdout.fileno() if answers_in_pipe else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.close()
        os.close(self._theirs)
        os.close(self._end)
        if self.process.stdout:
            self.process.stdout.close()

    def _set_size(self, width):
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", self.height, width, 0, 0))

    def resize(self, width):
        """As one drags its edge; the kernel tells the program (SIGWINCH)."""
        self._read()
        self.screen.resize(width)
        self._set_size(width)

    def type(self, text):
        os.write(self._ours, text.encode())

    def close(self):
        """The window is gone: the kernel hangs up on the program."""
        if self._ours is not None:
            os.close(self._ours)
        self._ours = None

    def modes_are_as_before(self):
        return termios.tcgetattr(self._theirs) == self._modes_before

    def until(self, condition, what):
        """Reads on until condition(screen) holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition(self.screen):
            ended = self.process.poll() is not None
            if not self._wait(deadline) and (ended or time.monotonic() > deadline):
                why = f"the program ended with {self.process.poll()}" if ended else f"not within {PATIENCE} s"
                raise NotSeen(f"never seen: {what} ({why}); the window shows\n" + self.picture())

    def until_line(self, beginning, times=1):
        self.until(lambda screen: sum(line.startswith(beginning) for line in screen.lines) >= times,
                   f"a line '{beginning} …', {times} times")

    def interrupt(self):
        """Ctrl-C, and until the program has met it: a second one that comes before would be taken for the same."""
        before = self.raw.count(b"^C")
        self.type("\x03")
        self.until(lambda _: self.raw.count(b"^C") > before, "^C, which the terminal itself shows")
        self.until(lambda _: not self._signal_waits(signal.SIGINT), "the signal taken")

    def exit_code(self, seconds=PATIENCE):
        """Reads on until the program has ended, and what it has written last; negative where a signal ended it."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise NotSeen(f"the program has not ended within {seconds} s; the window shows\n" + self.picture())
            self._wait(deadline)
        while self._read():
            pass
        self.screen.end()
        return self.process.returncode

    def picture(self):
        return "\n".join(f"        | {line}" for line in self.screen.visible())

    def _signal_waits(self, number):
        try:
            with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
                waiting = [int(line.split()[1], 16) for line in status if line.startswith(("SigPnd", "ShdPnd"))]
        except OSError:  # it has ended
            waiting = []
        return any(mask >> (number - 1) & 1 for mask in waiting)

    def _wait(self, deadline):
        """Until something is there to read or the program has ended; true if something was read."""
        watched = [one for one in (self._ours, self._pipe) if one is not None]
        if self.process.poll() is None:
            watched.append(self._end)
        select.select(watched, [], [], max(0.0, min(0.5, deadline - time.monotonic())))
        return self._read()

    def _read(self):
        read = False
        if self._ours is not None:
            try:
                data = os.read(self._ours, 65536)
            except BlockingIOError:
                data = b""
            self.raw += data
            self.screen.feed(data)
            read = bool(data)
        if self._pipe is not None and select.select([self._pipe], [], [], 0)[0]:
            data = os.read(self._pipe, 65536)
            self.answers += data
            read = read or bool(data)
            self._pipe = self._pipe if data else None  # the other side is closed
        return read
