"""The arrows between the folders of src/ point one way, are declared, and are those of docs/architecture.md.

A folder may include its own headers and those of the rooms that its CMakeLists.txt names under USES. The USES of all
rooms together may have no circle and must respect the layers below (DESIGN: arrows point one way).
"""
import pathlib
import re
import sys

# From the ground up; a room may use only rooms of lower layers.
LAYERS = [
    ["base"],
    ["pg", "sql", "hooks"],
    ["catalog", "ledger"],
    ["migration", "lint"],
    ["plan"],
    ["backfill", "proof", "backup"],
    ["engine", "watch", "notify", "traffic"],
    ["rehearsal"],
    ["examples", "console"],
    ["cli"],
]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
INCLUDE = re.compile(r'^\s*#include\s+"([^"/]+)/', re.M)
ROOM = re.compile(r"segue_room\((\w+)([^)]*)\)", re.S)


def declared(room: pathlib.Path) -> set[str]:
    match = ROOM.search((room / "CMakeLists.txt").read_text())
    if not match:
        return set()
    words = match.group(2).split()
    uses, keep = set(), False
    for word in words:
        if word in ("USES", "LINKS", "HEADERS"):
            keep = word == "USES"
        elif keep:
            uses.add(word)
    return uses


def main() -> int:
    problems = []
    source = pathlib.Path("src")
    for room in sorted(path for path in source.iterdir() if path.is_dir()):
        uses = declared(room)
        if room.name not in LEVEL:
            problems.append(f"src/{room.name}: not in the layers of scripts/checks/arrows.py")
            continue
        for other in sorted(uses):
            if LEVEL.get(other, 99) >= LEVEL[room.name]:
                problems.append(f"src/{room.name}/CMakeLists.txt: uses {other}, which is not below it")
        for file in sorted(room.rglob("*.[hc]*")):
            if file.suffix not in (".h", ".cc"):
                continue
            for target in INCLUDE.findall(file.read_text()):
                allowed = target == room.name or target in uses or (target == "testing" and file.name.endswith("_test.cc"))
                if not allowed and (source / target).is_dir():
                    problems.append(f"{file}: includes {target}/, which src/{room.name}/CMakeLists.txt does not name under USES")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main())
