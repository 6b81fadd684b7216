"""What a person may expect of the demo in a window: functions that give what is not so, one problem a line."""
import re

from screen import columns

BAR = re.compile(r"^  (?P<title>\S.*?) +(?P<bar>█*░*) +(?P<percent>\d+) % +[\d,]+ rows +[\d,]+/s")
BESIDE = re.compile(r"  (old|new) application \d+/s, p99 [\d.]+ ms, \d+ failed$")
# Names to copy must be whole, even where the window is too narrow for them.
TO_COPY = re.compile(r"^export [A-Z_]+=\S+$")
# What the terminal itself shows for Ctrl-C, behind what stands there.
TYPED = "^C"


def nothing_wraps(screen):
    found = {}
    for line, width in screen.wrapped:
        if not TO_COPY.match(line) and TYPED not in line:
            problem = f"wider than the window ({columns(line)} columns of {width}): {line}"
            found.setdefault(re.sub(r"[\d.]+", "#", line), problem)  # once, whatever its figures
    return list(found.values())


def no_fault_on_screen(screen):
    return list(dict.fromkeys(screen.problems))


def left_as_found(window):
    problems = []
    if not window.screen.cursor_shown:
        problems.append("the cursor is hidden at the end")
    if window.screen.colours.on:
        problems.append(f"a colour is still on at the end: {sorted(window.screen.colours.on)}")
    if not window.modes_are_as_before():
        problems.append("the terminal's modes are not as before")
    if window.screen.column != 0 and window.process.returncode >= 0:  # the shell sees to it where a signal ended it
        problems.append(f"the shell's prompt would not begin a line: {window.screen.visible()[-1]!r} stands there")
    return problems


def coloured(screen):
    return [] if screen.colours.seen else ["no colour at all"]


def no_colours(screen):
    return [f"a colour in spite of all: ESC[{code}m" for code in sorted(set(screen.colours.seen))]


def plain(data):
    """Of bytes that go into a file or a pipe."""
    lines = data.decode(errors="replace").split("\n")
    return [f"{name} in a line without a terminal: {line!r}" for line in lines
            for name, sign in (("an escape", "\x1b"), ("a carriage return", "\r")) if sign in line][:5]


def bars(drawn):
    """The bars as they were drawn, one list of (title, full cells, cells, percent, line) for each backfill."""
    runs, running = [], []
    for line in drawn:
        found = BAR.match(line)
        if not found:
            if running:
                runs.append(running)
            running = []
            continue
        bar = found["bar"]
        running.append((found["title"], bar.count("█"), len(bar), int(found["percent"]), line))
    return runs + [running] if running else runs


def bars_grow_to_full(screen):
    runs, problems = bars(screen.drawn), []
    if not any(len(run) > 2 for run in runs):
        problems.append(f"no bar was seen to grow: {len(runs)} bars")
    for run in runs:
        percents = [percent for _, _, _, percent, _ in run]
        if percents != sorted(percents):
            problems.append(f"a bar shrinks: {run[0][0]}: {percents}")
        _, full, cells, percent, line = run[-1]
        if (full, percent) != (cells, 100):
            problems.append(f"a bar ends before it is full: {line}")
        for _, full, cells, percent, line in run:
            if cells < 8 or abs(full - cells * percent / 100) > 1:
                problems.append(f"a bar does not show its share: {line}")
    return list(dict.fromkeys(problems))


def figures_stand_beside(screen):
    """Statements a second, latency and failures of the applications, beside the bars."""
    without = [line for run in bars(screen.drawn) for _, _, _, _, line in run if not BESIDE.search(line)]
    return [f"nothing stands beside a bar: {line}" for line in without[:3]]


def figures_follow_phases(lines):
    said = [line for line in lines if BESIDE.search(line)]
    problems = [] if len(said) > 10 else [f"how the applications fare is told {len(said)} times only"]
    return problems + [f"a statement failed: {line}" for line in said if not line.endswith(" 0 failed")]


SUMMARY = [
    ("rows carried by backfills", r"[1-9][\d,]*"),
    ("statements served meanwhile", r"[1-9][\d,]*"),
    ("failed", "0"),
    ("longest wait for a lock of ours", r"\d+ ms"),
    ("writes acknowledged", r"[1-9][\d,]*"),
    ("all of them right after rollback", "yes"),
    ("all of them right at the end", "yes"),
    ("checks", r"[1-9]\d*, 0 did not hold"),
    ("rows set aside by the rollback", r"(\d+); \d+ came back, 0 did not fit"),
    ("catalog before and after rollback", r"equal \([0-9a-f]{12}\)"),
]


def summary_is_there(lines):
    begins = next((at for at, line in enumerate(lines) if line.startswith("── what happened, in ")), None)
    if begins is None:
        return ["there is no summary"]
    said = dict(re.split(r"  +", line.strip(), maxsplit=1) for line in lines[begins:] if re.match(r"  \S.*  +\S", line))
    return [f"the summary has no line '{name}'" if name not in said else f"the summary says '{name}: {said[name]}'"
            for name, pattern in SUMMARY if not re.fullmatch(pattern, said.get(name, ""))]
