#!/usr/bin/env python3
"""The fingerprint of the data in GB/s, against count(*) and against the plainest hash of the same rows.

Three tables of 1 GB: narrow rows, wide rows, and rows whose text stands in TOAST (which count(*) never reads).
"""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from house import Bench, Sandbox, environment, psql, rounds, seconds_of, sql_seconds  # noqa: E402

SERIAL = "SET max_parallel_workers_per_gather = 0; "
TABLES = {
    "narrow": "CREATE TABLE data AS SELECT n::bigint AS id, (n % 1000)::int AS kind, md5(n::text) AS name "
              "FROM generate_series(1, 13700000) n",
    "wide": "CREATE TABLE data AS SELECT n::bigint AS id, n % 7 AS a, n % 11 AS b, n / 3.0 AS c, n::float8 / 7 AS d, "
            "md5(n::text) AS e, md5((n + 1)::text) AS f, md5((n + 2)::text) AS g, n % 2 = 0 AS h, date '2020-01-01' + n % 999 "
            "AS i, timestamptz '2020-01-01' + n * interval '1 second' AS j, CASE n % 3 WHEN 0 THEN n::text END AS k, "
            "md5((n + 3)::text)::uuid AS l, ARRAY[n % 5, n % 9] AS m, 'state ' || n % 4 AS o "
            "FROM generate_series(1, 3300000) n",
    "toasted": "CREATE TABLE data (id bigint, body text); ALTER TABLE data ALTER body SET STORAGE EXTERNAL; "
               "INSERT INTO data SELECT n, (SELECT string_agg(md5((n * 256 + i)::text), '') FROM generate_series(1, 256) i) "
               "FROM generate_series(1, 115000) n",
}


def build(segue):
    """The measuring program, which takes the number of workers; it stands in the program's build folder."""
    folder = pathlib.Path(segue).parent
    subprocess.run(["cmake", "--build", str(folder), "--target", "bench_data_fingerprint"], check=True,
                   stdout=subprocess.DEVNULL)
    return str(folder / "bench" / "bench_data_fingerprint")


def main():
    bench = Bench("data_fingerprint", 3)
    program = build(bench.segue)

    def with_workers(count):
        return lambda: float(subprocess.run([program, url, str(count)], check=True, capture_output=True, text=True,
                                            env=environment()).stdout)

    with Sandbox(bench.segue) as sandbox:
        url = sandbox.url
        for name, make in TABLES.items():
            psql(url, f"{make}; VACUUM (FREEZE, ANALYZE) data;")
            gigabytes = int(psql(url, "SELECT pg_table_size('data')")) / 1e9
            took = rounds(
                bench.runs, one=with_workers(1), two=with_workers(2),
                program=lambda: seconds_of([bench.segue, "fingerprint", "--database", url]),
                count=lambda: sql_seconds(url, SERIAL + "SELECT count(*) FROM data;"),
                count_parallel=lambda: sql_seconds(url, "SELECT count(*) FROM data;"),
                plain=lambda: sql_seconds(url, SERIAL + "SELECT sum(hashtextextended(data::text, 0)) FROM data;"))
            rate = {each: [gigabytes / one for one in seconds] for each, seconds in took.items()}
            shown = f"{name}, {gigabytes:.1f} GB"
            bench.row(f"{shown}, 1 worker", rate["one"], "GB/s", "count(*), 1 process", rate["count"])
            bench.row(f"{shown}, 1 worker", rate["one"], "GB/s", "sum(hashtextextended(row::text))", rate["plain"])
            bench.row(f"{shown}, 2 workers", rate["two"], "GB/s", "count(*), parallel", rate["count_parallel"])
            bench.row(f"{shown}, 2 workers", rate["two"], "GB/s", "1 worker", rate["one"])
            bench.row(f"{shown}, segue fingerprint", rate["program"], "GB/s", "count(*), parallel", rate["count_parallel"])
            psql(url, "DROP TABLE data")
        bench.end(machine={"server": sandbox.version()})


main()
