"""The documentation is checked against the code.

What is there is documented: every command with each of its options, every folder of src/, every key of a migration and of a
traffic file, every table and column of the ledger, every lint rule, what a fingerprint does not see. What is documented is
there: links and their anchors, files, commands and options in examples; complete YAML examples are read by the program itself.
"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(os.environ.get("SEGUE", "build/release/segue")).resolve()
DOCS = pathlib.Path("docs")
WIDEST = 160
MADE = {"migration-file.md", "ledger.md", "fingerprint.md"}  # tables whose cells come from the code
GENERATED_BELOW = "<!-- from here on as `segue check --schema reference` prints it -->\n"
NOWHERE = "postgresql://127.0.0.1:1/nowhere"
problems: list[str] = []


def complain(text: str) -> None:
    problems.append(text)


def page(name: str) -> str:
    path = DOCS / name
    return path.read_text() if path.exists() else ""


def pages() -> list[pathlib.Path]:
    return [*sorted(pathlib.Path(".").glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def segue(*arguments: str, folder: str = ".") -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SEGUE_PROJECT")}
    return subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False, cwd=folder, env=environment,
                          stdin=subprocess.DEVNULL)


# ---- commands ----


def options_in(help_text: str) -> set[str]:
    """--to, -C: what the lines of --help begin with."""
    found: set[str] = set()
    for line in help_text.splitlines():
        match = re.match(r"  (-[^ ]*)", line)
        if match:
            found |= {re.sub(r"[:{].*", "", one) for one in match.group(1).split(",")}
    return {one.lstrip("!") for one in found}


def positionals_in(help_text: str) -> set[str]:
    block = re.search(r"^Positionals:\n((?:  .*\n|\n)+?)(?=\n?\S|\Z)", help_text, re.M)
    return set(re.findall(r"^  ([A-Z]+)\b", block.group(1), re.M)) if block else set()


def command_names() -> list[str]:
    return re.findall(r"^  ([a-z][a-z-]+) ", segue("--help").stdout.split("Subcommands:", 1)[-1], re.M)


def chapters(text: str) -> dict[str, str]:
    """The text below each heading of the second level."""
    parts = re.split(r"^## (.+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def commands() -> dict[str, set[str]]:
    """Each command's options, with those that all share; complains where docs/commands.md lacks one."""
    shared = options_in(segue("--help").stdout)
    head = page("commands.md").split("\n## ", 1)[0]
    for option in sorted(shared):
        if f"`{option}" not in head:
            complain(f"docs/commands.md: the option {option}, which all commands share, is not named before the first chapter")
    told = chapters(page("commands.md"))
    known = {}
    for name in command_names():
        text = segue(name, "--help").stdout
        known[name] = shared | options_in(text)
        chapter = told.get(f"segue {name}")
        if chapter is None:
            complain(f"docs/commands.md has no chapter '## segue {name}'")
            continue
        for word in sorted((options_in(text) - shared) | positionals_in(text)):
            if not re.search(rf"`{re.escape(word)}\b", chapter):
                complain(f"docs/commands.md: the chapter of {name} does not name `{word}`")
    for title in told:
        if title.startswith("segue ") and title.removeprefix("segue ") not in known:
            complain(f"docs/commands.md has a chapter '{title}', and there is no such command")
    return known


# ---- what the code lists and the pages tell ----


def folders() -> None:
    house = page("architecture.md")
    for room in sorted(path.name for path in pathlib.Path("src").iterdir() if path.is_dir()):
        if f"`src/{room}/`" not in house:
            complain(f"docs/architecture.md does not name `src/{room}/`")
    for path in [DOCS / "architecture.md", pathlib.Path("CONTRIBUTING.md")]:
        text = path.read_text() if path.exists() else ""
        for named in re.findall(r"`((?:src|tests|scripts|cmake|examples|docs|bench)/[\w./-]*)`", text):
            if "NAME" not in named and not pathlib.Path(named).exists():
                complain(f"{path} names {named}, which is not there")


def schema_keys(schema: object) -> set[str]:
    found: set[str] = set()
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "properties":
                found |= set(value)
            found |= schema_keys(value)
    if isinstance(schema, list):
        for value in schema:
            found |= schema_keys(value)
    return found


def migration_file() -> None:
    text = page("migration-file.md")
    printed = segue("check", "--schema", "reference")
    if printed.returncode == 0 and text.partition(GENERATED_BELOW)[2].strip() != printed.stdout.strip():
        complain("docs/migration-file.md is not what `segue check --schema reference` prints below its marker line")
    for which in ("migration", "project", "lint"):
        schema = segue("check", "--schema", which)
        for key in sorted(schema_keys(json.loads(schema.stdout)) if schema.returncode == 0 else set()):
            if f"| `{key}`" not in text:
                complain(f"docs/migration-file.md does not name the key `{key}` of the {which} file")


def ledger() -> None:
    # The later changes last: their words win.
    code = "".join(path.read_text() for path in [pathlib.Path("src/ledger/schema.cc"), *sorted(pathlib.Path("src/ledger").glob("change_*.cc"))])
    told = chapters(page("ledger.md"))
    comments = {name: text.replace("''", "'") for name, text in re.findall(r"COMMENT ON (?:TABLE|COLUMN) segue\.([\w.]+) IS\s+'((?:[^']|'')*)'", code)}
    tables = re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?segue\.(\w+) \((.*?)\);", code, re.S)
    for table, body in tables:
        chapter = told.get(f"segue.{table}")
        if chapter is None:
            complain(f"docs/ledger.md has no chapter '## segue.{table}'")
            continue
        if comments.get(table, "") not in chapter:
            complain(f"docs/ledger.md: segue.{table} is not told as the database tells it")
        columns = re.findall(r"(?:^|,)\s*([a-z_]+) (?:bigint|text|jsonb|int|boolean|timestamptz|real|oid)\b", body)
        for column in columns + re.findall(rf"ALTER TABLE segue\.{table} ADD COLUMN (\w+)", code):
            row = re.search(rf"^\| `{column}` \| [\w ]+ \| (.+) \|$", chapter, re.M)
            comment = comments.get(f"{table}.{column}")
            if not row:
                complain(f"docs/ledger.md: segue.{table} lacks the column `{column}`")
            elif not comment:
                complain(f"segue.{table}.{column} has no COMMENT in the database")
            elif row.group(1) != comment:
                complain(f"docs/ledger.md: segue.{table}.{column} is not told as the database tells it: {comment}")
    for title in told:
        if title.startswith("segue.") and title.removeprefix("segue.") not in dict(tables):
            complain(f"docs/ledger.md has a chapter '{title}', and there is no such table")


def blind_list() -> None:
    code = pathlib.Path("src/catalog/blind_list.cc").read_text()
    for what, why in re.findall(r'\{"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"\}', code):
        if f"| {what} | {why} |" not in page("fingerprint.md"):
            complain(f"docs/fingerprint.md does not say that '{what}' does not count: {why}")


def lint_rules() -> None:
    """Pages of rules are made by the program; they may not lag behind it."""
    again = "segue lint --explain all --markdown docs/lint"
    for file in sorted(pathlib.Path("src/lint/rules").glob("*.cc")):
        for code in re.findall(r'\{"([a-z0-9-]+)",\s*Severity::', file.read_text()):
            if not (DOCS / "lint" / f"{code}.md").exists():
                complain(f"the lint rule {code} has no page: {again}")
    if not PROGRAM.exists() or "lint" not in command_names():
        return
    with tempfile.TemporaryDirectory() as folder:
        segue("lint", "--explain", "all", "--markdown", folder)
        made = {path.name: path.read_text() for path in pathlib.Path(folder).iterdir()}
    kept = {path.name: path.read_text() for path in (DOCS / "lint").glob("*.md")}
    for name in sorted(made.keys() | kept.keys()):
        if made.get(name) != kept.get(name):
            complain(f"docs/lint/{name} is not what the program writes: {again}")


def traffic_keys() -> None:
    told = page("traffic-file.md")
    keys: set[str] = set()
    for file in pathlib.Path("src/traffic").glob("read*.cc"):
        text = file.read_text()
        keys |= set(re.findall(r'find\(members, "([a-z_]+)"\)', text))
        keys |= set(re.findall(r'^\s*\{"([a-z]+)", \{.*\}, read_\w+\}', text, re.M))
    for key in sorted(keys):
        if not re.search(rf"[`{{ ]{key}(?:[`:, ]|\b)", told) or not re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", told):
            complain(f"docs/traffic-file.md does not name the key `{key}`")


# ---- examples ----


def blocks(text: str) -> list[tuple[str, str]]:
    """Fenced and indented code: the language (empty for indented), the code."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```", text, re.S | re.M)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    return fenced + [("", code) for code in re.findall(r"(?:^    .*\n)+", rest, re.M)]


def command_lines(code: str, language: str) -> list[list[str]]:
    """Each `segue …` that an example runs, as words; output of commands is left out where lines have a prompt."""
    lines = [line.strip() for line in code.splitlines()]
    if any(line.startswith("$ ") for line in lines):
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    elif language not in ("", "sh"):
        return []
    found = []
    for line in lines:
        if not re.match(r"(export \S+ )?(build/release/)?segue ", line):
            continue
        for part in re.split(r"\s*(?:;|&&|\|\|?)\s*", re.sub(r"\s#.*", "", line)):
            try:
                words = shlex.split(part)
            except ValueError:
                continue
            if words and words[0].endswith("segue"):
                found.append(words[1 : words.index("--")] if "--" in words else words[1:])
    return found


def example_commands(path: pathlib.Path, known: dict[str, set[str]]) -> None:
    for language, code in blocks(path.read_text()):
        for words in command_lines(code, language):
            name = next((word for word in words if word in known), None)
            wild = not words or "[" in words[0] or words[0] in ("…", "COMMAND")
            if name is None and not wild and not all(word.startswith("-") for word in words):
                complain(f"{path}: an example runs `segue {' '.join(words)}`, and there is no such command")
            for word in words if name else []:
                if word.startswith("-") and word.split("=")[0] not in known[name]:
                    complain(f"{path}: an example gives {word} to segue {name}, which does not take it")


# Keys of other programs' files: pre-commit, GitHub Actions.
OTHERS = {"repos", "jobs"}


def example_files(path: pathlib.Path) -> None:
    """Examples in YAML: a migration is completed by what it lacks and read by `segue check`, a traffic file by `segue traffic`."""
    for language, code in blocks(path.read_text()):
        keys = re.findall(r"^([a-z_]+):", code, re.M)
        if language != "yaml" or not keys or OTHERS & set(keys):
            continue
        with tempfile.TemporaryDirectory() as folder:
            if keys[0] == "traffic":
                pathlib.Path(folder, "traffic.yaml").write_text(code)
                answer = segue("traffic", "traffic.yaml", "--database", NOWHERE, folder=folder)
                wrong = answer.returncode == 2
            else:
                here = pathlib.Path(folder, "migrations", "0001_example")
                here.mkdir(parents=True)
                pathlib.Path(folder, "segue.yaml").write_text("database: " + NOWHERE + "\n")
                for name in re.findall(r"\b[\w-]+\.sql\b", code):
                    (here / name).write_text("SELECT 1;\n")
                code = ("" if "migration" in keys else "migration: example\n") + code
                code += "" if "moves" in keys else "moves:\n  - sql: SELECT 1\n"
                (here / "migration.yaml").write_text(code)
                answer = segue("check", folder=folder)
                wrong = answer.returncode != 0
            if wrong:
                complain(f"{path}: the example that begins with `{keys[0]}:` is refused: {(answer.stdout + answer.stderr).strip()}")


# ---- form ----


def anchors(text: str) -> set[str]:
    found: set[str] = set()
    for title in re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), re.M):
        found.add(re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-"))
    return found


def links(path: pathlib.Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.S | re.M)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        aim = path.parent / name if name else path
        if not aim.exists():
            complain(f"{path}: the link to {target} leads nowhere")
        elif anchor and aim.suffix == ".md" and anchor not in anchors(aim.read_text()):
            complain(f"{path}: {name or 'the page'} has no heading for #{anchor}")


def widths(path: pathlib.Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        made = line.startswith("|") and (path.name in MADE or path.parent.name == "lint")
        if len(line) > WIDEST and not made and path.parent.name != "lint":
            complain(f"{path}:{number}: {len(line)} columns, more than {WIDEST}")


def main() -> int:
    folders()
    ledger()
    blind_list()
    lint_rules()
    traffic_keys()
    known = {}
    if PROGRAM.exists():
        known = commands()
        migration_file()
    for path in pages():
        links(path)
        widths(path)
        if PROGRAM.exists() and path.parent.name != "lint":
            example_commands(path, known)
        if PROGRAM.exists() and path.name != "migration-file.md" and path.parent.name != "lint":
            example_files(path)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main())
