"""Files stay small: no source file over 800 lines, nine in ten under 450, a median of at most 150."""
import pathlib
import statistics
import sys

HARD, NINE_IN_TEN, MEDIAN = 800, 450, 150


def main() -> int:
    sizes = {}
    for folder in ("src", "tests", "bench", "web/src"):
        for file in pathlib.Path(folder).rglob("*"):
            if file.suffix in (".h", ".cc", ".ts", ".vue", ".py"):
                sizes[file] = len(file.read_text().splitlines())
    problems = [f"{file}: {lines} lines, more than {HARD}: it has more than one duty" for file, lines in sizes.items() if lines > HARD]
    ordered = sorted(sizes.values())
    if ordered:
        ninth = ordered[int(len(ordered) * 0.9)] if len(ordered) > 1 else ordered[0]
        if ninth > NINE_IN_TEN:
            problems.append(f"a tenth of the files have over {NINE_IN_TEN} lines (90th percentile: {ninth})")
        if statistics.median(ordered) > MEDIAN:
            problems.append(f"the median file has {statistics.median(ordered)} lines, more than {MEDIAN}")
    for file in pathlib.Path("src").rglob("*.h"):
        if not file.read_text().startswith("//"):
            problems.append(f"{file}: a header begins with its contract, as a comment")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main())
