"""The example's applications at work while a proof goes on: started, stopped, and asked what they met."""
import json
import signal
import subprocess

from house import Wrong, expect, wait_until
import house

MOST_MS = 100  # no statement waits longer for a lock that segue holds or has queued


class Application:
    """One `segue traffic` with a journal of its own."""

    def __init__(self, stage, database, file, protocol="prepared", rate=150, connections=3, writes=True):
        stage.applications = getattr(stage, "applications", 0) + 1
        self.journal = stage.folder / f"{stage.applications}-{file.stem}.journal"
        self.name = f"{file.stem} ({protocol})"
        command = [house.settings.program, "traffic", str(file), "--json", "--journal", str(self.journal),
                   "--protocol", protocol, "--rate", str(rate), "--connections", str(connections),
                   "--seed", str(stage.random.randrange(1, 1000000))]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=database.environment())
        stage.at_end(lambda: self.process.poll() is None and self.process.kill())
        if writes:  # into the journal: only then can it be waited for
            self.works(1)

    def acknowledged(self):
        if self.process.poll() is not None:
            raise Wrong(f"{self.name} ended by itself: {self.process.stderr.read()[-600:]}")
        return self.journal.read_text().count('"acknowledged"') if self.journal.exists() else 0

    def works(self, more):
        """Until so many more of its writes are acknowledged."""
        now = self.acknowledged()
        wait_until(lambda: self.acknowledged() >= now + more, f"{self.name} writes")

    def acknowledged_in(self, table):
        """How many writes into what the journal calls so were acknowledged."""
        writes, good = set(), 0
        for line in self.journal.read_text().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the line that is being written
            if entry.get("table") == table:
                writes.add(entry["write"])
            elif entry.get("outcome") == "acknowledged":
                good += any(one in writes for one in entry["writes"])
        return good

    def wrote(self, table):
        """Until one more of them is acknowledged."""
        now = self.acknowledged_in(table)
        wait_until(lambda: self.acknowledged() and self.acknowledged_in(table) > now, f"{self.name} writes {table}")

    def stop(self):
        """No statement failed, and none waited too long for us."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        try:
            report = json.loads(out)
        except ValueError as problem:
            raise Wrong(f"{self.name} gave no report: {err[-600:]}") from problem
        expect(report["failed"] == 0, f"{self.name}: {report['failed']} of {report['statements']} statements failed: "
                                      f"{report['by_sqlstate']} {report.get('samples')}")
        self.statements, self.written = report["statements"], report["acknowledged"]
        self.stall = max((one["longest_ms"] for one in report["stalls"] if one["blocked_by"] == "segue"), default=0)
        slow = [one for one in report["stalls"] if one["blocked_by"] == "segue" and one["longest_ms"] > MOST_MS]
        expect(not slow, f"{self.name} waited longer than {MOST_MS} ms for a lock of ours: {slow}")
        return report


def check_journals(database, file, journals):
    """Every acknowledged write of these is right in the shape of this application, or set aside."""
    arguments = ["traffic", str(file), "--json"]
    for journal in journals:
        arguments += ["--check", str(journal)]
    report = database.segue(*arguments, code=None).json()
    expect("findings" in report, f"the check of the journals gave no report: {report}")
    expect(not report["findings"], f"acknowledged writes are not right: {report['wrong']} of {report['keys']} keys, "
                                   f"{report['findings'][:3]}")
    return report
