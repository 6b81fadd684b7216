"""The documentation names what there is: every command of the program, every folder of src/, and no file that is not there."""
import pathlib
import re
import subprocess
import sys


def command_names() -> list[str]:
    program = pathlib.Path("build/release/segue")
    if not program.exists():
        return []
    text = subprocess.run([str(program), "--help"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  ([a-z][a-z-]+) ", text.split("Subcommands:", 1)[-1], re.M)


def dead_links(page: pathlib.Path) -> list[str]:
    dead = []
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if "://" not in target and not (page.parent / target).exists():
            dead.append(f"{page}: the link to {target} leads nowhere")
    return dead


def main() -> int:
    problems = []
    reference = pathlib.Path("docs/commands.md")
    commands = reference.read_text() if reference.exists() else ""
    for name in command_names():
        if f"## segue {name}" not in commands:
            problems.append(f"docs/commands.md has no chapter '## segue {name}'")
    architecture = pathlib.Path("docs/architecture.md")
    house = architecture.read_text() if architecture.exists() else ""
    for room in sorted(path.name for path in pathlib.Path("src").iterdir() if path.is_dir()):
        if f"src/{room}/" not in house:
            problems.append(f"docs/architecture.md does not name src/{room}/")
    for page in [*pathlib.Path(".").glob("*.md"), *pathlib.Path("docs").rglob("*.md")]:
        problems += dead_links(page)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main())
