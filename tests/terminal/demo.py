"""The demo as a newcomer starts it, small enough for a test, and what is expected of it whatever the window."""
import re
import signal
import subprocess

import promises
from leftovers import Place
from window import NotSeen, Window

SCALE, WATCH = 8000, 0.5
AT_THE_END = "Ctrl-C ends the sandbox."
GO_ON = "Go on by hand, in another terminal:"
SOON = 3  # seconds from Ctrl-C to the end, the server's included; it takes a tenth of a second where all is well
STOPPED = 4  # docs/commands.md, exit codes
GONE_WITH_THE_SANDBOX = "run the same command again to go on"


class Demo:
    """One run in a window of its own, with a temporary folder of its own."""

    def __init__(self, segue, width=80, scale=SCALE, watch=WATCH, answers_in_pipe=False, **environment):
        self.segue, self.place, self.problems = segue, Place(), []
        self.environment = self.place.environment(**environment)
        command = [segue, "demo", "--scale", str(scale), "--watch", str(watch)]
        self.window = Window(command, self.environment, width, answers_in_pipe=answers_in_pipe)
        self.screen = self.window.screen

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        """What was never seen is one problem more; what is left is looked at where the program ended by itself."""
        by_itself = self.window.process.poll() is not None
        self.window.__exit__(kind, error, trace)
        if kind is NotSeen:
            self.expect([str(error)])
        left = self.place.what_is_left()
        if by_itself:
            self.expect(left)
        self.place.__exit__(kind, error, trace)
        return kind is NotSeen

    def expect(self, problems):
        self.problems += problems

    def play_to_the_end(self):
        """To the summary, on by hand, and Ctrl-C; what holds for every window is looked at."""
        self.window.until_line(AT_THE_END)
        seen = self.screen.visible()
        self.expect(promises.summary_is_there(seen))
        self.expect(promises.bars_grow_to_full(self.screen))
        self.expect(promises.figures_follow_phases(self.screen.lines))
        if not any("postgres" in process for process in self.place.processes()):
            self.expect(["it says that the sandbox is there, but no server runs"])
        self.expect(self.go_on_by_hand(seen))
        self.expect(promises.nothing_wraps(self.screen))
        self.interrupt_to(0)
        self.look()

    def look(self):
        """What holds at any end."""
        self.expect(promises.no_fault_on_screen(self.screen))
        self.expect(promises.left_as_found(self.window))

    def interrupt_to(self, code):
        self.window.type("\x03")
        try:
            ended = self.window.exit_code(SOON)
        except NotSeen as reason:
            self.expect([f"Ctrl-C: {reason}"])
            ended = self.window.exit_code()
        if ended != code:
            self.expect([f"Ctrl-C: exit code {ended}, expected {code}"])

    def interrupt(self):
        """Ctrl-C before the end: soon, with one clear word, and nothing that was still to come."""
        before = len(self.screen.lines)
        self.interrupt_to(STOPPED)
        after = self.screen.lines[before:]
        said = [line for line in after if line.removeprefix(promises.TYPED).startswith("segue: ")]
        if len(said) != 1 or "stopped" not in said[0]:
            self.expect([f"Ctrl-C: not one line says that it was stopped: {said}"])
        if len(after) > 6:
            self.expect([f"Ctrl-C: it goes on for {len(after)} lines"])
        self.expect([f"Ctrl-C: a new act begins: {line}" for line in after if line.startswith("── ")])
        self.expect([f"Ctrl-C: the sandbox is gone, and it says: {line.strip()}" for line in after
                     if GONE_WITH_THE_SANDBOX in line])
        self.look()

    def interrupt_twice(self):
        """The second Ctrl-C ends it at once, as docs/run.md says."""
        self.window.interrupt()
        if self.window.process.poll() is None:
            self.interrupt_to(-signal.SIGINT)

    def go_on_by_hand(self, seen):
        """What stands there is typed in another terminal: it works, or waits at a gate and says so."""
        if GO_ON not in seen:
            return ["it does not say how to go on by hand"]
        lines = self.screen.lines[self.screen.lines.index(GO_ON) + 1:]
        exports = [line for line in lines if line.startswith("export ")]
        commands = [one for line in lines if line.startswith("segue ") for one in line.split("; ")]
        problems = [] if exports and commands else ["it gives no commands to go on by hand"]
        for command in commands:
            script = "\n".join(['segue() { "$SEGUE" "$@"; }', *exports, command])
            done = subprocess.run(["bash", "-c", script], env={**self.environment, "SEGUE": self.segue}, text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
            waits = done.returncode == 3 and re.search(r"waits for .*\n  .*segue approve", done.stderr)
            if done.returncode != 0 and not waits:
                problems.append(f"{command}: exit code {done.returncode}: {done.stdout}{done.stderr}")
        return problems
