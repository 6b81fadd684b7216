"""Each promise can be broken: small programs that break one, and the words that tell so.

python3 tests/terminal/test_promises.py, and the second case of run.py.
"""
import os
import signal
import sys
import unittest

import promises
from leftovers import Place
from screen import Screen
from window import NotSeen, Window

GOOD = ["  backfill: orders ██░░░░░░  25 %  500 rows  9,000/s  1 ms left",
        "  backfill: orders ████████ 100 %  2,000 rows  9,100/s"]
FIGURES = "  old application 400/s, p99 1.2 ms, 0 failed"
SUMMARY = """── what happened, in 4.5 s
  rows carried by backfills          6,216
  statements served meanwhile        1,429
  failed                             0
  longest wait for a lock of ours    0 ms
  writes acknowledged                387
  all of them right after rollback   yes
  all of them right at the end       yes
  checks                             127, 0 did not hold
  rows set aside by the rollback     13; 13 came back, 0 did not fit
  catalog before and after rollback  equal (2b055fa56872)"""


def ran(script, width=80, **more):
    """The window after a shell's script has ended there by itself."""
    with Place() as place, Window(["sh", "-c", script], place.environment(), width, **more) as window:
        window.code = window.exit_code()
        window.found = promises.left_as_found(window)
        return window


def waits_for(name, said):
    """A program that says something at a signal, and ends."""
    handler = f"lambda *_: (print({said}, flush=True), os._exit(0))"
    return [sys.executable, "-c", f"import os, signal\nsignal.signal(signal.{name}, {handler})\n"
            "print('ready', flush=True)\nwhile True: signal.pause()"]


def moved(*lines):
    screen = Screen(80, 24)
    screen.feed("".join(f"\r\x1b[K{line}" for line in lines).encode())
    screen.end()
    return screen


class InAWindow(unittest.TestCase):
    def test_a_good_program(self):
        window = ran("printf '\\r\\033[Khalf\\r\\033[K\\033[32mgood\\033[0m\\n'; exit 3")
        self.assertEqual((window.code, window.found, window.screen.problems), (3, [], []))
        self.assertEqual(promises.nothing_wraps(window.screen), [])
        self.assertEqual(promises.coloured(window.screen), [])

    def test_a_line_of_one_column_too_many(self):
        self.assertEqual(promises.nothing_wraps(ran("printf '%080d\\n' 0").screen), [])
        self.assertIn("81 columns of 80", promises.nothing_wraps(ran("printf '%081d\\n' 0").screen)[0])
        self.assertEqual(promises.nothing_wraps(ran("printf 'export URL=%0100d\\n' 0").screen), [])

    def test_a_terminal_left_otherwise(self):
        self.assertIn("cursor is hidden", ran("printf '\\033[?25l'").found[0])
        self.assertIn("colour is still on", ran("printf '\\033[31m'").found[0])
        self.assertIn("modes", ran("stty -echo").found[0])
        self.assertIn("prompt", ran("printf 'no end of line'").found[0])

    def test_colours(self):
        self.assertTrue(promises.no_colours(ran("printf '\\033[1mx\\033[0m\\n'").screen))
        self.assertTrue(promises.coloured(ran("echo plain").screen))

    def test_the_program_has_the_terminal_as_its_own(self):
        with Place() as place, Window(waits_for("SIGINT", "'bye'"), place.environment(), 80) as window:
            window.until_line("ready")
            window.interrupt()
            window.exit_code()
        self.assertIn("^Cbye", window.screen.lines)

    def test_it_learns_of_a_new_size(self):
        size = "os.get_terminal_size().columns"
        with Place() as place, Window(waits_for("SIGWINCH", size), place.environment(), 80) as window:
            window.until_line("ready")
            window.resize(120)
            window.exit_code()
        self.assertIn("120", window.screen.lines)

    def test_it_is_hung_up_on(self):
        with Place() as place, Window(["sh", "-c", "echo ready; read -r line"], place.environment(), 80) as window:
            window.until_line("ready")
            window.close()
            self.assertIn(window.exit_code(), (-signal.SIGHUP, 1))

    def test_what_never_comes(self):
        with self.assertRaisesRegex(NotSeen, "a line 'later.*ended with 0(.|\n)*sooner"):
            with Place() as place, Window(["echo", "sooner"], place.environment(), 80) as window:
                window.until_line("later")

    def test_what_is_left(self):
        with Place() as place:
            self.assertEqual(place.what_is_left(0), [])
            script = 'sleep 60 & echo $!; touch "$TMPDIR/file"'
            with Window(["sh", "-c", f"trap '' HUP; {script}"], place.environment(), 80) as window:
                window.exit_code()
            left = place.what_is_left(0)
            os.kill(int(window.screen.lines[0]), signal.SIGKILL)
        self.assertIn("still running", left[0])
        self.assertIn("file", left[1])


class OfTheText(unittest.TestCase):
    def test_bars(self):
        middle = GOOD[0].replace("██░░", "███░").replace("25", "38")
        self.assertEqual(promises.bars_grow_to_full(moved(GOOD[0], middle, GOOD[1])), [])
        for lines, words in [
            ([GOOD[0], middle], "before it is full"),
            ([GOOD[1], GOOD[0], GOOD[1]], "shrinks"),
            (["a", "b"], "no bar"),
            ([GOOD[0], GOOD[1].replace("100", "50")], "does not show its share"),
        ]:
            self.assertIn(words, "\n".join(promises.bars_grow_to_full(moved(*lines))))

    def test_figures_beside(self):
        self.assertTrue(promises.figures_stand_beside(moved(GOOD[0])))
        self.assertEqual(promises.figures_stand_beside(moved(GOOD[0] + FIGURES)), [])
        self.assertEqual(promises.figures_follow_phases([FIGURES] * 11), [])
        self.assertTrue(promises.figures_follow_phases([FIGURES] * 3))
        self.assertTrue(promises.figures_follow_phases([FIGURES] * 11 + [FIGURES.replace(" 0 f", " 1 f")]))

    def test_the_summary(self):
        self.assertEqual(promises.summary_is_there(SUMMARY.split("\n")), [])
        self.assertTrue(promises.summary_is_there(SUMMARY.split("\n")[1:]))
        for good, bad in [("6,216", "0"), ("  0\n", "  1\n"), ("yes", "NO"), ("equal", "NOT equal"), ("checks", "-")]:
            self.assertTrue(promises.summary_is_there(SUMMARY.replace(good, bad, 1).split("\n")), good)

    def test_plain(self):
        self.assertEqual(promises.plain("a █ line\n".encode()), [])
        self.assertTrue(promises.plain(b"a\rb\n"))
        self.assertTrue(promises.plain(b"\x1b[0m\n"))


def failures():
    """The text of each test that fails."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromModule(__import__(__name__)).run(result)
    return [text for _, text in result.failures + result.errors]


if __name__ == "__main__":
    unittest.main()
