#!/usr/bin/env python3
"""The snapshot of a catalog by the number of tables, against pg_dump --schema-only of the same database."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from house import Bench, Sandbox, client, psql, rounds, scaled, seconds_of  # noqa: E402

COLUMNS = ["title text NOT NULL", "note text", "amount numeric(12,2) DEFAULT 0", "quantity int DEFAULT 1",
           "state varchar(20) NOT NULL DEFAULT 'new'", "is_open boolean NOT NULL DEFAULT true", "tags text[]",
           "data jsonb", "day date", "created_at timestamptz NOT NULL DEFAULT now()", "updated_at timestamptz",
           "email varchar(255)", "weight double precision"]


def tables(count):
    """15 columns with the two keys; two indexes and a foreign key each, to the table before."""
    sql = []
    for number in range(count):
        parent = max(number - 1, 0)
        sql.append(f"CREATE TABLE t{number} (id bigint PRIMARY KEY, parent_id bigint CONSTRAINT t{number}_parent "
                   f"REFERENCES t{parent}, {', '.join(COLUMNS)});"
                   f"CREATE INDEX t{number}_parent_id ON t{number} (parent_id);"
                   f"CREATE INDEX t{number}_state ON t{number} (state, created_at DESC);")
    # One transaction would need a lock on every table at once.
    return "\n".join(sql)


def main():
    bench = Bench("snapshot", 5)
    pg_dump = client("pg_dump")
    with Sandbox(bench.segue) as sandbox:
        for count in (10, 100, 1000, 3000):
            name = f"tables_{count}"
            psql(sandbox.url_of("postgres"), f"CREATE DATABASE {name}")
            url = sandbox.url_of(name)
            psql(url, tables(count) + "\nVACUUM ANALYZE;")
            took = rounds(
                bench.runs,
                segue=lambda: seconds_of([bench.segue, "fingerprint", "--catalog-only", "--database", url]),
                pg_dump=lambda: seconds_of([pg_dump, "--schema-only", "--file=/dev/null", url]))
            bench.row(f"fingerprint --catalog-only, {count} tables", scaled(took["segue"], 1000), "ms",
                      "pg_dump --schema-only", scaled(took["pg_dump"], 1000), most=1000 if count == 1000 else None)
            sandbox.drop(name)
        bench.end(machine={"server": sandbox.version()})


main()
