"""The small terminal itself: python3 tests/terminal/test_screen.py, and the first case of run.py."""
import unittest

from screen import Screen, columns


def shown(*pieces, width=10, height=4):
    screen = Screen(width, height)
    for piece in pieces:
        screen.feed(piece if isinstance(piece, bytes) else piece.encode())
    screen.end()
    return screen


class Lines(unittest.TestCase):
    def test_lines_scroll_and_are_kept(self):
        screen = shown("".join(f"{number}\r\n" for number in range(6)))
        self.assertEqual(screen.lines, ["0", "1", "2", "3", "4", "5"])
        self.assertEqual(screen.visible(), ["3", "4", "5", ""])

    def test_a_line_as_wide_as_the_window_does_not_wrap(self):
        self.assertEqual(shown("0123456789\r\nnext").wrapped, [])

    def test_a_wider_line_wraps_and_is_kept_whole(self):
        screen = shown("0123456789ab\r\nnext")
        self.assertEqual(screen.wrapped, [("0123456789ab", 10)])
        self.assertEqual(screen.lines, ["0123456789ab"])
        self.assertEqual(screen.visible(), ["0123456789", "ab", "next"])

    def test_wide_signs_take_two_columns_and_accents_none(self):
        self.assertEqual(columns("本e\u0301"), 3)
        self.assertEqual(shown("本本本本本").wrapped, [])
        self.assertEqual(shown("a本本本本本").wrapped, [("a本本本本本", 10)])
        self.assertEqual(shown("e\u0301" * 10).wrapped, [])

    def test_signs_that_come_in_pieces(self):
        self.assertEqual(shown(b"\xe2\x96", b"\x88\x1b", b"[3", b"1mx\x1b[0m").visible(), ["█x"])


class MovingLine(unittest.TestCase):
    def test_each_state_is_kept_and_the_last_is_seen(self):
        screen = shown("\r\x1b[Kone", "\r\x1b[Ktwo three", "\r\x1b[Kdone\r\n")
        self.assertEqual(screen.drawn, ["one", "two three", "done"])
        self.assertEqual(screen.lines, ["done"])
        self.assertEqual(screen.visible(), ["done", ""])

    def test_without_erasing_the_rest_stays(self):
        self.assertEqual(shown("long line\rshort").visible(), ["shortline"])

    def test_of_a_line_that_wrapped_the_first_half_stays(self):
        screen = shown("0123456789ab", "\r\x1b[Kdone\r\n")
        self.assertEqual(screen.visible(), ["0123456789", "done", ""])
        self.assertEqual(screen.wrapped, [("0123456789ab", 10)])
        self.assertEqual(screen.lines, ["done"])

    def test_the_cursor_goes_up_but_not_out(self):
        self.assertEqual(shown("one\r\ntwo\r\n\x1b[2A\x1b[KONE").visible(), ["ONE", "two", ""])
        self.assertEqual(shown("one\r\n\x1b[9A\x1b[2KONE").visible(), ["ONE", ""])

    def test_a_smaller_window_takes_what_was_under_way(self):
        screen = shown("0123456789")
        screen.resize(5)
        screen.feed(b"\r\n012345\r\n012345\r\n")
        self.assertEqual(screen.wrapped, [])
        screen.feed(b"012345\r\n012345\r\n")
        self.assertEqual(screen.wrapped[0], ("012345", 5))


class Rules(unittest.TestCase):
    def test_colours(self):
        screen = shown("\x1b[1;32mgood\x1b[0m \x1b[38;5;9mred\x1b[39m\r\n")
        self.assertEqual((screen.problems, screen.colours.on, screen.lines), ([], set(), ["good red"]))
        self.assertEqual(shown("\x1b[31mred").colours.on, {"31"})
        self.assertIn("still on", shown("\x1b[31mred\r\n\x1b[0m").problems[0])

    def test_the_cursor(self):
        self.assertFalse(shown("\x1b[?25l").cursor_shown)
        self.assertTrue(shown("\x1b[?25l\x1b[?25h").cursor_shown)

    def test_what_it_does_not_understand(self):
        for text in ("\x1b[5n", "\x1b]0;title\x07", "\x1b7", "\x1b[?1049h", "\x07", "\x1b[12", "\x1b[6m", b"\xff"):
            self.assertTrue(shown(text).problems, text)


def failures():
    """The text of each test that fails."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromModule(__import__(__name__)).run(result)
    return [text for _, text in result.failures + result.errors]


if __name__ == "__main__":
    unittest.main()
