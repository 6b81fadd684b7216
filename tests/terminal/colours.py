"""Which colours and other attributes of letters are on, by the codes between ESC[ and m."""
import re

GROUPS = [  # what the first of each switches off
    ("22", r"[12]"), ("23", r"3"), ("24", r"4"), ("27", r"7"), ("39", r"3[0-8]|9[0-7]"), ("49", r"4[0-8]|10[0-7]"),
]


class Colours:
    def __init__(self):
        self.on = set()
        self.seen = []  # all that came, as it came

    def take(self, text):
        """False where a code is not known."""
        self.seen.append(text)
        codes = [code.lstrip("0") for code in text.split(";")]
        while codes:
            code = codes.pop(0)
            if code in ("38", "48"):  # of 256, or of all
                codes = codes[2 if codes[:1] == ["5"] else 4:]
            if code == "":
                self.on.clear()
                continue
            for off, members in GROUPS:
                if code == off:
                    self.on = {one for one in self.on if not re.fullmatch(members, one)}
                    break
                if re.fullmatch(members, code):
                    self.on.add(code)
                    break
            else:
                return False
        return True
