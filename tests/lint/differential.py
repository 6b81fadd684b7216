#!/usr/bin/env python3
"""Every statement of tests/lint/corpus judged by segue and by squawk; where they differ, who is right and why.

usage: differential.py SEGUE SQUAWK [--write]

A corpus line is one case. A difference without a reason below fails; --write makes tests/lint/disagreements.md anew,
without it the file has to be what this run gives. Reasons about locks, scans and rewrites are proved by the lock probe
(tests/lint/probes.txt), which runs these statements on a real server.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

# What the two call the same thing. segue's matters of taste are turned on for the comparison.
SAME = {
    "require-concurrent-index-creation": ["index-without-concurrently", "index-on-partitioned-table"],
    "changing-column-type": ["change-column-type"],
    "constraint-missing-not-valid": ["add-check", "add-foreign-key", "validate-in-same-transaction"],
    "adding-foreign-key-constraint": ["add-foreign-key", "add-column-references", "create-table-references"],
    "adding-field-with-default": ["add-column-volatile-default", "add-column-stored", "add-column-serial"],
    "disallowed-unique-constraint": ["add-unique", "add-column-unique"],
    "prefer-bigint-over-int": ["prefer-bigint-key"],
    "prefer-bigint-over-smallint": ["prefer-bigint-key"],
    "prefer-identity": ["serial-type"],
    "prefer-text-field": ["prefer-text"],
    "require-concurrent-index-deletion": ["drop-index-without-concurrently"],
    "require-concurrent-reindex": ["reindex-without-concurrently"],
    "ban-drop-column": ["drop-column"],
    "ban-drop-table": ["drop-table"],
    "adding-serial-primary-key-field": ["add-unique", "add-column-unique"],
    "adding-not-nullable-field": ["set-not-null"],
    "adding-required-field": ["add-column-not-null"],
    "transaction-nesting": ["unbalanced-transaction"],
    "ban-uncommitted-transaction": ["unbalanced-transaction"],
    "ban-char-field": ["char-type"],
    "prefer-timestamp-tz": ["timestamp-without-zone"],
    "require-enum-value-ordering": ["enum-value-without-position"],
    "ban-alter-domain-with-add-constraint": ["domain-constraint"],
    "syntax-error": ["cannot-analyse", "partial-unique-constraint"],
    "ban-concurrent-index-creation-in-transaction": ["concurrently-in-transaction"],
    "ban-drop-not-null": ["drop-not-null"],
    "renaming-column": ["rename"],
    "renaming-table": ["rename"],
    "require-concurrent-partition-detach": ["detach-partition"],
    "ban-drop-database": ["drop-database"],
    "ban-truncate-cascade": ["truncate"],
    "ban-duplicate-column-assignments": ["assigned-twice"],
    "require-lock-timeout": ["missing-lock-timeout"],
    "require-statement-timeout": ["missing-statement-timeout"],
}
TASTE = [
    "prefer-bigint-key", "serial-type", "prefer-text", "char-type", "timestamp-without-zone",
    "enum-value-without-position", "drop-not-null", "missing-statement-timeout",
]

# Only squawk reports it: (squawk's rule, pattern of the statement, who is right, reason).
ONLY_SQUAWK = [
    ("require-lock-timeout", r"", "segue", "no lock that anybody waits for is taken on a table that was there before, a timeout is set, or the statement cannot use one: a short lock_timeout leaves CONCURRENTLY half done (postgres-facts.md, traps)"),
    ("require-statement-timeout", r"", "segue", "no strong lock is held while the statement runs, so nothing needs to be bounded; CONCURRENTLY and VALIDATE may take long and should"),
    ("prefer-robust-stmts", r"", "segue", "IF NOT EXISTS skips an INVALID index or an object of another meaning and reports success (F67, A2); the state is to be asked, not skipped"),
    ("prefer-bigint-over-int", r"", "segue", "only a key runs out; an age in years needs no bigint"),
    ("prefer-bigint-over-smallint", r"", "segue", "only a key runs out, and only one of these is told about once"),
    ("prefer-text-field", r"", "taste", "varchar with a limit, told under prefer-text where a project turns it on"),
    ("prefer-identity", r"", "taste", "serial, told under serial-type where a project turns it on"),
    ("changing-column-type", r"CREATE TABLE", "segue", "the table is made in the same file and is empty"),
    ("changing-column-type", r"", "segue", "told"),
    ("adding-field-with-default", r"", "segue", "a constant, now() or an IMMUTABLE function rewrites nothing since PostgreSQL 11 (F12, probed)"),
    ("constraint-missing-not-valid", r"ADD (CONSTRAINT \w+ )?(UNIQUE|PRIMARY|EXCLUDE)", "segue", "UNIQUE, PRIMARY KEY and EXCLUDE cannot be NOT VALID: the server refuses it (F40, F43)"),
    ("constraint-missing-not-valid", r"CREATE TABLE", "segue", "the table is made in the same file and is empty"),
    ("adding-foreign-key-constraint", r"NOT VALID", "segue", "NOT VALID reads nothing (F33, probed)"),
    ("adding-foreign-key-constraint", r"", "segue", "the table is made in the same file and is empty"),
    ("disallowed-unique-constraint", r"", "segue", "the table is made in the same file and is empty, or the index exists already (USING INDEX)"),
    ("adding-serial-primary-key-field", r"", "segue", "the table is made in the same file and is empty, or the index exists already (USING INDEX)"),
    ("adding-not-nullable-field", r"CHECK|CREATE TABLE", "segue", "a validated CHECK (c IS NOT NULL) spares the scan (F23, probed), or the table is new"),
    ("require-concurrent-index-creation", r"", "segue", "the table is made in the same file, or it is partitioned and CONCURRENTLY is refused"),
    ("require-concurrent-index-deletion", r"", "segue", "the table is made in the same file"),
    ("ban-create-domain-with-constraint", r"", "segue", "making the domain harms nothing; adding a column of it rewrites the table, and that is told (F19, probed)"),
    ("ban-alter-domain-with-add-constraint", r"NOT VALID", "segue", "NOT VALID locks and reads nothing (F54, probed)"),
    ("ban-drop-column", r"", "segue", "the column was made in the same file"),
    ("transaction-nesting", r"", "segue", "one BEGIN and one COMMIT are a transaction, not a nested one"),
    ("syntax-error", r"", "segue", "PostgreSQL 15 takes it"),
    ("require-concurrent-partition-detach", r"", "segue", "FINALIZE ends what CONCURRENTLY began"),
    ("ban-uncommitted-transaction", r"", "segue", "told as a whole"),
]

# Only segue reports it: (segue's rule, pattern, who is right, reason).
ONLY_SEGUE = [
    ("index-without-concurrently", r"", "segue", "squawk takes IF NOT EXISTS, or the transaction around it, for an excuse; the SHARE lock is there all the same (F1, probed)"),
    ("drop-index-without-concurrently", r"", "segue", "ACCESS EXCLUSIVE on the table (F3, probed)"),
    ("reindex-without-concurrently", r"", "segue", "SHARE on the table and ACCESS EXCLUSIVE on its indexes (F5, probed)"),
    ("concurrently-in-transaction", r"", "segue", "refused inside a transaction block, DROP INDEX and DETACH too (F4, probed)"),
    ("add-column-volatile-default", r"", "segue", "the default differs from row to row: rewrite (F11, probed), or only the database knows whether it does"),
    ("add-column-serial", r"", "segue", "rewrite under ACCESS EXCLUSIVE (F14, probed)"),
    ("add-column-stored", r"", "segue", "rewrite under ACCESS EXCLUSIVE (F15, probed)"),
    ("add-column-check", r"", "segue", "a CHECK inside ADD COLUMN reads the whole table (F16, probed)"),
    ("add-column-references", r"", "segue", "locks on both tables (F17, probed)"),
    ("add-column-unique", r"", "segue", "index built under ACCESS EXCLUSIVE (F18, probed)"),
    ("add-column-not-null", r"", "segue", "fails on a table with rows (F13)"),
    ("set-not-null", r"", "segue", "reads the whole table under ACCESS EXCLUSIVE (F22, probed)"),
    ("change-column-type", r"", "segue", "rewrite under ACCESS EXCLUSIVE (F25, probed)"),
    ("add-check", r"", "segue", "reads the whole table under ACCESS EXCLUSIVE (F32, probed)"),
    ("add-foreign-key", r"", "segue", "reads both tables while writes wait (F33, probed)"),
    ("add-unique", r"", "segue", "index built under ACCESS EXCLUSIVE (F40, probed)"),
    ("add-exclusion", r"", "segue", "index built under ACCESS EXCLUSIVE, without a way round (F43, probed)"),
    ("domain-constraint", r"", "segue", "SHARE on every table of the domain, and a scan (F54, probed)"),
    ("create-table-references", r"", "segue", "SHARE ROW EXCLUSIVE on the other table (F39, probed)"),
    ("create-partition-of", r"", "segue", "ACCESS EXCLUSIVE on the parent (F56, probed)"),
    ("attach-partition", r"", "segue", "the partition is read under ACCESS EXCLUSIVE (F55, probed)"),
    ("detach-partition", r"", "segue", "ACCESS EXCLUSIVE on the parent (F57, probed)"),
    ("table-rewrite", r"", "segue", "ACCESS EXCLUSIVE and a rewrite (F9, probed for CLUSTER)"),
    ("refresh-without-concurrently", r"", "segue", "ACCESS EXCLUSIVE stops readers (F10, probed)"),
    ("persistence-change", r"", "segue", "rewrite under ACCESS EXCLUSIVE (F60, probed)"),
    ("truncate", r"", "segue", "ACCESS EXCLUSIVE, and the rows are gone (F47, probed)"),
    ("drop-table", r"", "segue", "views, schemas and sequences are gone as well"),
    ("drop-column", r"", "segue", "the data is gone"),
    ("missing-lock-timeout", r"", "segue", "a strong lock is waited for without an end; lock_timeout = 0 is none"),
    ("missing-statement-timeout", r"", "taste", "a strong lock is held as long as the statement runs"),
    ("unbalanced-transaction", r"", "segue", "the server warns: there is already, or no, transaction in progress"),
    ("validate-in-same-transaction", r"", "segue", "the lock of ADD is held while VALIDATE reads (F34)"),
    ("cannot-analyse", r"", "both", "newer syntax than segue's parser knows, said aloud instead of judged"),
    ("rename", r"", "segue", "views and types have names too"),
    ("enum-value-without-position", r"", "taste", "matters only where the labels have an order"),
    ("char-type", r"", "taste", "char(n)"),
    ("prefer-text", r"", "taste", "varchar(n)"),
    ("prefer-bigint-key", r"", "segue", "a serial key is an integer too"),
    ("serial-type", r"", "taste", "serial"),
    ("timestamp-without-zone", r"", "taste", "timestamp"),
    ("drop-not-null", r"", "taste", "clients may rely on it"),
]
NO_SUCH_RULE = "squawk has no such rule; see docs/lint/{}.md"


def corpus():
    for path in sorted((HERE / "corpus").glob("*.sql")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.strip():
                yield f"{path.stem}:{number}", line


def judged(segue, squawk, cases):
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        taste = "".join(f"  {code}: warning\n" for code in TASTE)
        (folder / ".segue-lint.yaml").write_text(f"postgres: 15\nseverities:\n{taste}")
        ours, theirs = [], []
        for index, (_, statement) in enumerate(cases):
            file = folder / f"{index:04d}.sql"
            file.write_text(statement + "\n")
            theirs.append(str(file))
            # One at a time: what one case makes must not be known to the next.
            run = subprocess.run([segue, "lint", "--format", "json", str(file)], capture_output=True, text=True)
            ours.append({finding["code"] for finding in json.loads(run.stdout)})
        run = subprocess.run([squawk, "--pg-version", "15", "--reporter", "json", *theirs], capture_output=True, text=True)
        found = collections.defaultdict(set)
        for finding in json.loads(run.stdout):
            found[finding["file"]].add(finding["rule_name"])
        return ours, [found[file] for file in theirs]


def reason(table, code, statement):
    for rule, pattern, right, why in table:
        if rule == code and re.search(pattern, statement):
            return right, why
    return None


def compare(cases, ours, theirs):
    rows, unexplained = [], []
    counted = collections.Counter()
    reverse = collections.defaultdict(list)
    for rule, codes in SAME.items():
        for code in codes:
            reverse[code].append(rule)
    for (place, statement), segue, squawk in zip(cases, ours, theirs):
        for rule in sorted(squawk):
            if any(code in segue for code in SAME.get(rule, [])):
                counted["agreed"] += 1
                continue
            known = reason(ONLY_SQUAWK, rule, statement)
            if known is None:
                unexplained.append((place, statement, "only squawk: " + rule))
            else:
                rows.append((place, statement, rule, "", *known))
                counted["only squawk, right: " + known[0]] += 1
        for code in sorted(segue):
            if any(rule in squawk for rule in reverse.get(code, [])):
                continue
            known = reason(ONLY_SEGUE, code, statement)
            if known is None and code not in reverse:
                known = ("segue", NO_SUCH_RULE.format(code))
            if known is None:
                unexplained.append((place, statement, "only segue: " + code))
            else:
                rows.append((place, statement, "", code, *known))
                counted["only segue, right: " + known[0]] += 1
    return rows, unexplained, counted


def table(cases, rows, counted):
    reasons = sorted({row[5] for row in rows})
    text = "# Where segue and squawk differ\n\n"
    text += f"Made by `tests/lint/differential.py` over the {len(cases)} cases of `corpus/`. `right`: who is; `taste` where nobody is wrong.\n\n"
    for name, count in sorted(counted.items()):
        text += f"- {name}: {count}\n"
    text += "\n## Reasons\n\n"
    for number, why in enumerate(reasons, 1):
        text += f"{number}. {why}\n"
    text += "\n## Differences\n\n| case | statement | squawk says | segue says | right | reason |\n|---|---|---|---|---|---|\n"
    for place, statement, rule, code, right, why in rows:
        shown = statement if len(statement) <= 90 else statement[:87] + "…"
        text += f"| {place} | `{shown.replace('|', '&#124;')}` | {rule} | {code} | {right} | {reasons.index(why) + 1} |\n"
    return text


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    cases = list(corpus())
    ours, theirs = judged(sys.argv[1], sys.argv[2], cases)
    rows, unexplained, counted = compare(cases, ours, theirs)
    for place, statement, what in unexplained:
        print(f"{place}: {what}: {statement}", file=sys.stderr)
    text = table(cases, rows, counted)
    file = HERE / "disagreements.md"
    if "--write" in sys.argv:
        file.write_text(text)
    elif not file.exists() or file.read_text() != text:
        print(f"{file} is not what this run gives: --write makes it anew", file=sys.stderr)
        return 1
    print(f"{len(cases)} cases, {len(rows)} differences, {len(unexplained)} without a reason; {dict(counted)}")
    return 1 if unexplained or len(cases) < 300 else 0


if __name__ == "__main__":
    sys.exit(main())
