"""A backfill beside an application: eight clients, half of their statements writes to the same table, in an open loop.

The rate is half of what the same clients reach in a closed loop. The column and its trigger are there in both
measurements; the difference is the backfill.
"""
import json
import pathlib
import signal
import subprocess
import tempfile
import time

from house import environment, psql
from program import number, steps
import data
import expression

CLIENTS = 8
TRAFFIC = """traffic: office
about: Work orders are looked at and written, half and half.
statements:
  - name: look at one
    weight: 40
    sql: SELECT job_no, status, title, price FROM work_orders WHERE id = $1
    params: [{{ int: 1..{rows} }}]
    rows: 1
  - name: look at a few
    weight: 10
    sql: SELECT job_no, title FROM work_orders WHERE id > $1 ORDER BY id LIMIT 20
    params: [{{ int: 1..{rows} }}]
  - name: change one
    weight: 40
    sql: UPDATE work_orders SET title = $1, updated_at = now() WHERE id = $2
    params: [{{ text: 20..40 }}, {{ int: 1..{rows} }}]
    rows: 1
  - name: a new one
    weight: 10
    sql: INSERT INTO work_orders (job_no, date, status, title) VALUES ($1, now(), 'open', $2)
    params: [{{ serial: "T-{{run}}-{{n}}-00" }}, {{ text: 20..40 }}]
    rows: 1
"""


class Traffic:
    """`segue traffic`, for so long or until it is stopped."""

    def __init__(self, segue, folder, rows, url, rate, seconds=None):
        file = pathlib.Path(folder) / "office.yaml"
        file.write_text(TRAFFIC.format(rows=rows))
        command = [segue, "--database", url, "traffic", str(file), "--json", "--connections", str(CLIENTS), "--rate", str(rate)]
        self.said = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command + (["--seconds", str(seconds)] if seconds else []), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.said, text=True, env=environment())
        self.url = url

    def begun(self):
        at_work = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'segue traffic office' AND query_start IS NOT NULL"
        while self.process.poll() is None and number(self.url, at_work) < CLIENTS:
            time.sleep(0.05)
        return self

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.report()

    def report(self):
        out, _ = self.process.communicate(timeout=300)
        if not out.strip():
            self.said.seek(0)
            raise SystemExit(f"segue traffic gave no report: {self.said.read()[-800:]}")
        return json.loads(out)


def once(setting, rows, folder, limits):
    segue, seconds = setting.bench.segue, setting.asked.seconds
    project = setting.project(expression.MIGRATION, limits)
    with setting.server.copy("busy") as url:
        project.run(url, "expand")
        fastest = Traffic(segue, folder, rows, url, 0, max(5, seconds // 2)).report()
        rate = max(1, int(fastest["statements"] / fastest["seconds"] / 2))
        psql(url, "CHECKPOINT")
        alone = Traffic(segue, folder, rows, url, rate, seconds).report()
        psql(url, "CHECKPOINT")
        beside = Traffic(segue, folder, rows, url, rate).begun()
        try:
            _, memory = project.run(url, "backfill")
        finally:
            both = beside.stop()
        setting.memory.append(memory)
        if number(url, f"SELECT count(*) FROM work_orders WHERE client_id IS DISTINCT FROM {data.CLIENT}"):
            raise SystemExit("rows are not right after the backfill")
        stall = max((each["longest_ms"] for each in both["stalls"] if each["blocked_by"] == "segue"), default=0)
        return {"rate": rate, "alone": alone["latency"]["p99"], "beside": both["latency"]["p99"], "median alone": alone["latency"]["p50"],
                "median beside": both["latency"]["p50"], "failed": both["failed"], "unserved": both["unserved"], "stall": stall,
                "rows/s": rows / steps(url, "backfill", "backfill"), "seconds": both["seconds"]}


def measure(setting):
    rows = setting.rows(1_000_000)
    setting.server.base("busy", data.work_orders(rows))
    with tempfile.TemporaryDirectory(prefix="segue-bench-traffic-") as folder:
        def runs(limits):
            return [once(setting, rows, folder, limits) for _ in range(setting.bench.runs)]
        tell(setting.bench, f"{CLIENTS} clients, {rows:,} orders", runs(None), judged=True)
        if setting.asked.without_throttle:
            tell(setting.bench, f"{CLIENTS} clients, without throttle", runs(setting.asked.without_throttle), judged=False)
        else:
            setting.notes.append("the load beside a backfill without throttle was not measured: see --without-throttle")
    setting.server.drop("busy")


def tell(bench, what, runs, judged):
    def found(figure):
        return [each[figure] for each in runs]

    bench.row(f"{what}: half of their maximum", found("rate"), "/s")
    bench.row(f"{what}: p99 beside the backfill", found("beside"), "ms", "the same load alone", found("alone"),
              most_ratio=1.2 if judged else None)
    bench.row(f"{what}: median beside the backfill", found("median beside"), "ms", "the same load alone", found("median alone"))
    bench.row(f"{what}: failed statements", [sum(found("failed"))], "", most=0 if judged else None)
    bench.row(f"{what}: due and not begun", [sum(found("unserved"))], "")
    bench.row(f"{what}: longest wait for our lock", [max(found("stall"))], "ms", most=100 if judged else None)
    bench.row(f"{what}: seconds under load", found("seconds"), "s")
    bench.row(f"{what}: backfill beside the load", found("rows/s"), "rows/s")
