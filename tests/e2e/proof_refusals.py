"""What is refused, with which words and exit code, and what --json answers."""
import pathlib
import shutil

import house
from house import case, expect, expect_equal

RUN = ["--without-rehearsal", "--yes"]


def says(answer, *words):
    for word in words:
        expect(word in answer.text, f"`{answer.command}` does not say '{word}': {answer.text.strip()[-700:]}")


def own_project(stage, database):
    copy = stage.folder / "copy"
    shutil.copytree(database.project, copy)
    database.project = copy
    return next(pathlib.Path(copy).glob("migrations/*/migration.yaml"))


@case("refusals: a changed file after half the run", fast=True)
def changed(stage):
    database = stage.database()
    file = own_project(stage, database)
    database.up("backfill")
    was = file.read_text()
    file.write_text(was + "\n# a comment is a change too: what runs is what was planned\n")
    answer = database.segue("run", database.migration, *RUN, code=2)
    says(answer, "changed", "rollback")
    file.write_text(was)
    clients = file.parent / "clients.sql"
    text = clients.read_text()
    clients.write_text(text.replace("A client organization", "An organization"))
    says(database.segue("run", database.migration, *RUN, code=2), "changed")
    clients.write_text(text)
    database.segue("run", database.migration, *RUN, "--to", "validate")


@case("refusals: names, projects and databases that are not there", fast=True)
def unknown(stage):
    database = stage.database()
    says(database.segue("run", "multi-cilent", *RUN, code=2), "multi-cilent", "multi-client")
    says(database.segue("plan", "nonsense", code=2), "nonsense")
    says(database.segue("approve", database.migration, "new application", "--as", "QA Lead", code=2), "not under way")
    says(database.segue("rollback", database.migration, "--yes", code=2), "nothing was run")
    says(database.segue("finish", database.migration, "--yes", code=2), "not")
    says(database.segue("run", database.migration, "--yes", code=2), "--without-rehearsal")
    says(database.segue("run", database.migration, *RUN, "--to", "nowhere", code=2), "nowhere", "enforce")
    says(database.segue("run", database.migration, *RUN, "--to", "contract", code=2), "finish")
    # A prefix that is unique will do, and so will the folder's name.
    database.segue("plan", "multi")
    database.segue("plan", "0001_multi_client")
    project, database.project = database.project, stage.folder
    says(database.segue("plan", database.migration, code=2), "segue.yaml")
    database.project = project
    url = database.url
    database.url = url.rsplit("/", 1)[0] + "/no_such_database"
    says(database.segue("plan", database.migration, code=5), "no_such_database")
    database.url = "postgresql://postgres@127.0.0.1:1/x"
    says(database.segue("status", code=5), "cannot connect")
    database.url = url


@case("refusals: a database without the example's tables", fast=True)
def wrong_database(stage):
    database = stage.database()
    database.sql("DROP TABLE work_orders CASCADE")
    answer = database.segue("plan", database.migration, code=1)
    says(answer, "work_orders")
    says(database.segue("run", database.migration, *RUN, code=1), "work_orders")
    expect_equal(database.sql("SELECT to_regclass('clients')"), "", "a table that it made all the same")


@case("refusals: a role that owns nothing", fast=True)
def no_rights(stage):
    database = stage.database()
    before = database.fingerprint()
    database.sql("DO $$ BEGIN CREATE ROLE e2e_poor LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN END $$")
    admin = database.url
    host = admin.split("@", 1)[1]
    database.url = f"postgresql://e2e_poor:x@{host}"
    answer = database.segue("run", database.migration, *RUN, code=None)
    expect(answer.code in (1, 5), f"run ended with {answer.code}")
    expect(any(word in answer.text for word in ("owner", "permission denied")), f"run does not tell: {answer.text}")
    doctor = database.segue("doctor", code=1)
    expect(any(word in doctor.text for word in ("owner", "owns", "CREATE")), f"doctor does not tell: {doctor.text}")
    # With the right to make the ledger, but none on the tables: found before anything is made.
    name = database.url.rsplit("/", 1)[1]
    rights = f'GRANT CREATE ON DATABASE "{name}" TO e2e_poor; GRANT CREATE ON SCHEMA public TO e2e_poor'
    database.url = admin
    database.sql(rights)
    database.url = f"postgresql://e2e_poor:x@{host}"
    says(database.segue("run", database.migration, *RUN, code=1), "users", "owner")
    expect_equal(house.psql(admin, "SELECT to_regclass('clients')"), "", "a table that it made all the same")
    database.url = admin
    database.sql("DROP SCHEMA IF EXISTS segue CASCADE; DROP OWNED BY e2e_poor CASCADE")
    expect_equal(database.fingerprint()["data"], before["data"], "the data")


@case("refusals: production asks for the name", fast=True)
def production(stage):
    database = stage.database()
    name = database.url.rsplit("/", 1)[1]
    database.sql(f'ALTER DATABASE "{name}" SET segue.production = on')
    says(database.segue("run", database.migration, *RUN, "--to", "expand", code=2), "production",
         "--confirm multi-client")
    says(database.segue("run", database.migration, "--without-rehearsal", "--confirm", "other", "--to", "expand", code=2),
         "--confirm multi-client")
    expect_equal(database.sql("SELECT to_regclass('clients')"), "", "a table that it made all the same")
    database.segue("run", database.migration, "--without-rehearsal", "--confirm", "multi-client", "--to", "expand")
    says(database.segue("rollback", database.migration, "--yes", code=2), "--confirm multi-client")
    database.segue("rollback", database.migration, "--confirm", "multi-client")


def keys_of(value, wanted, what):
    for key in wanted:
        expect(key in value, f"{what} has no '{key}': {sorted(value)}")


@case("refusals: --json has the contract's keys", fast=True)
def json_keys(stage):
    database = stage.database()
    plan = database.segue("plan", database.migration, "--json").json()
    keys_of(plan, ["migration", "hash", "server_version", "steps", "at_risk", "findings"], "plan")
    for step in plan["steps"]:
        keys_of(step, ["id", "phase", "move", "kind", "sql", "undo", "lock", "blocks", "scans", "rewrites",
                       "transactional", "rows", "seconds", "reason", "rewritten_from"], f"plan's step {step.get('id')}")
        expect(step["blocks"] in ("none", "writes", "reads_and_writes"), f"blocks: {step['blocks']}")
    again = database.segue("plan", database.migration, "--json").json()
    expect_equal(again["hash"], plan["hash"], "the hash of the same plan")
    wanted = ["migration", "state", "phase", "step", "steps_done", "steps_total", "rows_done", "rows_total",
              "waiting_for", "blockers", "next_command"]
    before = database.segue("status", database.migration, "--json").json()
    keys_of(before, wanted, "status before the run")
    expect_equal(before["state"], "planned", "the state before the run")
    keys_of(database.segue("run", database.migration, *RUN, "--to", "expand", "--json").json(), wanted, "run")
    status = database.status()
    keys_of(status, wanted, "status")
    expect_equal(status["migration"], "multi-client", "status' migration")
    for one in database.segue("verify", database.migration, "--json").json():
        keys_of(one, ["name", "phase", "expected", "actual", "ok"], "verify")
    for one in database.segue("doctor", "--json", code=None).json():
        keys_of(one, ["name", "ok", "message", "fix"], "doctor")
    keys_of(database.fingerprint(), ["catalog", "data"], "fingerprint")
    snapshot = stage.folder / "snapshot.json"
    database.segue("fingerprint", "--snapshot", snapshot, "--json")
    expect_equal(database.segue("diff", snapshot, database.url, "--json").json(), [], "diff with itself")
    database.sql("ALTER TABLE users ADD COLUMN shoe_size int")
    difference = database.segue("diff", snapshot, database.url, "--json", code=1).json()
    expect(difference, "diff tells nothing")
    for one in difference:
        keys_of(one, ["kind", "object", "change", "attribute", "before", "after"], "diff")
    drift = database.segue("verify", database.migration, "--json", code=1).json()
    expect(any(not one["ok"] for one in drift), "verify tells no drift")
    database.sql("ALTER TABLE users DROP COLUMN shoe_size")
    run = database.segue("history", "--json").json()[0]
    keys_of(run, ["migration", "plan_hash", "state", "phase", "started_by", "host", "started_at", "finished_at", "rows"],
            "history")
    back = database.segue("rollback", database.migration, "--yes", "--json").json()
    keys_of(back, ["state", "kept"], "rollback")
    # Errors too are JSON, with a code, a message and a hint.
    failed = database.segue("approve", database.migration, "x", "--as", "y", "--json", code=2)
    expect('"code"' in failed.text and '"message"' in failed.text, f"an error in JSON: {failed.text}")
