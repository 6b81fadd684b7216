"""A small terminal: what a person would see of the bytes that a program wrote.

It knows lines that wrap and scroll, carriage return, the cursor going up, erasing in a line, colours, the cursor shown
or hidden. Anything else is noted in `problems`, and the program that sent it is at fault. It keeps all lines, also
those that have scrolled away, and each state that a line has had.
"""
import codecs
import re
import unicodedata

from colours import Colours

ESCAPE = re.compile(r"\x1b\[([0-9;?]*)([@-~])")
UNFINISHED = re.compile(r"\x1b(\[[0-9;?]*)?\Z")
LINES_UNDER_WAY = 3  # may still be as wide as the window was before it was made smaller


def columns_of(sign):
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def columns(text):
    return sum(columns_of(sign) for sign in text)


class Row:
    def __init__(self, goes_on=False):
        self.cells = []  # one for each column; the second one of a wide sign is empty
        self.goes_on = goes_on  # the line above was too long, its rest stands here


class Screen:
    def __init__(self, width, height):
        self.width, self.height = width, height
        self.rows = [Row()]
        self.row = self.column = 0
        self.colours, self.cursor_shown = Colours(), True
        self.lines = []  # each line that was ended, whole also where it wrapped
        self.drawn = []  # each state of each line, before something was written over it
        self.wrapped = []  # each line that did not fit, with the width that it had to fit
        self.problems = []
        self._touched = self._returned = False
        self._wider, self._patience = 0, 0
        self._held = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def resize(self, width):
        if width < self.width:
            self._wider, self._patience = self.width, LINES_UNDER_WAY
        self.width = width

    def visible(self):
        return ["".join(row.cells).rstrip() for row in self.rows[-self.height:]]

    def feed(self, data):
        text, self._held = self._held + self._decoder.decode(data), ""
        at = 0
        while at < len(text):
            escape = ESCAPE.match(text, at)
            if escape:
                self._escape(*escape.groups())
                at = escape.end()
            elif UNFINISHED.match(text, at):
                self._held = text[at:]
                return
            else:
                self._sign(text[at])
                at += 1

    def end(self):
        """Nothing more comes."""
        if self._held:
            self._misses(self._held)
        self._note()

    def _misses(self, what):
        self.problems.append(f"the terminal does not understand {what!r}")

    def _sign(self, sign):
        if sign == "\n":
            self._note(ended=True)
            self._go_down(Row())
        elif sign == "\r":
            self._note()
            self.column, self._returned = 0, True
        elif ord(sign) < 32 or sign in "\x7f\ufffd":
            self._misses(sign)
        else:
            self._write(sign)

    def _write(self, sign):
        self._begin_anew()
        width = columns_of(sign)
        if self.column + width > self._limit():
            self._go_down(Row(goes_on=True))
            self.column = 0
        cells = self.rows[self.row].cells
        cells.extend(" " * (self.column - len(cells)))
        if width == 0 and self.column > 0:
            cells[self.column - 1] += sign
        else:
            cells[self.column:self.column + width] = [sign, ""][:width]
        self.column += width
        self._touched = True

    def _limit(self):
        return self._wider if self._patience else self.width

    def _begin_anew(self):
        """What is written over the rest of a line that wrapped does not belong to that line."""
        if self._returned:
            self.rows[self.row].goes_on = False
        self._returned = False

    def _go_down(self, fresh):
        self.row += 1
        self._returned = False
        if self.row == len(self.rows):
            self.rows.append(fresh)

    def _note(self, ended=False):
        """The line as it stands, before the cursor leaves it or something is written over it."""
        first = self.row
        while first > 0 and self.rows[first].goes_on:
            first -= 1
        whole = "".join("".join(row.cells) for row in self.rows[first:self.row + 1]).rstrip()
        if self._touched:
            self.drawn.append(whole)
            if first < self.row:
                self.wrapped.append((whole, self._limit()))
            self._patience = max(0, self._patience - 1)
        self._touched = False
        if ended:
            self.lines.append(whole)
            if self.colours.on:
                self.problems.append(f"a colour is still on at the end of the line {whole!r}")

    def _escape(self, numbers, kind):
        if kind == "m":
            if not self.colours.take(numbers):
                self._misses(f"\x1b[{numbers}m")
        elif kind in "hl" and numbers == "?25":
            self.cursor_shown = kind == "h"
        elif kind == "K" and numbers in ("", "0", "2"):
            self._note()
            self._begin_anew()
            del self.rows[self.row].cells[self.column if numbers != "2" else 0:]
        elif kind == "A" and re.fullmatch(r"\d*", numbers):
            self._note()
            self.row = max(len(self.rows) - self.height, 0, self.row - max(1, int(numbers or "1")))
        else:
            self._misses(f"\x1b[{numbers}{kind}")
