"""The three cases of the plan's troubleshooting, planted between expand and validate: found with their rows, and mended.

Each is found by the check at the next boundary, which prints the rows and how to mend them; both applications go on; and
after the mend the same command goes on."""
from house import case, expect, expect_equal


def found(database, phase, check, rows, mend):
    """Runs into the check; the message names it, the rows, and the mend."""
    done = database.segue("run", database.migration, "--without-rehearsal", "--yes", "--to", phase, code=5)
    expect(check in done.err, f"the check '{check}' is not named: {done.err[-900:]}")
    for row in rows:
        expect(row in done.err, f"{row} is not shown: {done.err[-900:]}")
    expect("mend:" in done.err and mend in done.err, f"no mend is offered: {done.err[-900:]}")
    state = database.status()
    expect_equal(state["state"], "failed", "the state")
    expect(check in state["error"], f"status does not say what went wrong: {state['error']}")
    offending = database.sql(f"SELECT offending FROM segue.check_result WHERE NOT ok AND name = '{check}' "
                             "ORDER BY id DESC LIMIT 1")
    for row in rows:
        expect(row.strip('"') in offending, f"{row} is not in the ledger: {offending}")


def goes_on(database, phase):
    database.segue("run", database.migration, "--without-rehearsal", "--yes", "--to", phase)
    expect_equal(database.status()["completed"], phase, "the boundary that it reached")


@case("troubleshooting: users and orders without a client")
def without_client(stage):
    database = stage.database()
    before = database.fingerprint()
    database.up("backfill")
    database.sql("UPDATE users SET client_id = NULL WHERE id = (SELECT min(id) FROM users); UPDATE work_orders SET client_id_next = NULL WHERE id = "
                 "(SELECT max(id) FROM work_orders)")
    username = database.sql("SELECT username FROM users WHERE id = (SELECT min(id) FROM users)")
    verified = database.segue("verify", database.migration, "--json", code=1).json()
    expect(any(not one["ok"] and one["name"] == "users without a client" for one in verified), "verify does not tell")
    # The constraint that proves NOT NULL would refuse it too; the check comes first and says which rows.
    done = database.segue("run", database.migration, "--without-rehearsal", "--yes", "--to", "validate", code=None)
    expect(done.code == 5, f"run went on with a user without a client: exit {done.code}")
    expect(f'{username}' in done.err or "client_id" in done.err, f"the row is not named: {done.err[-900:]}")
    database.sql("UPDATE users SET client_id = (SELECT id FROM clients WHERE code = 'VISIONWEST') WHERE client_id IS NULL")
    done = database.segue("run", database.migration, "--without-rehearsal", "--yes", "--to", "validate", code=None)
    expect(done.code == 5, f"run went on with an order without a client: exit {done.code}")
    database.sql("UPDATE work_orders SET client_id_next = (SELECT id FROM clients WHERE code = 'VISIONWEST') WHERE "
                 "client_id_next IS NULL")
    goes_on(database, "validate")
    database.up()
    database.down()
    data = database.fingerprint()
    expect_equal(data["catalog"], before["catalog"], "the catalog, there and back")


@case("troubleshooting: a client that does not exist", fast=True)
def orphan(stage):
    database = stage.database()
    database.up("expand")
    database.sql("UPDATE users SET client_id = 4711 WHERE id = 9; UPDATE work_orders SET client_id_next = 4712 WHERE id = "
                 "(SELECT max(id) FROM work_orders)")
    found(database, "backfill", "users of a client that does not exist", ["4711"], "UPDATE users SET client_id")
    database.sql("UPDATE users SET client_id = (SELECT id FROM clients WHERE code = 'VISIONWEST') WHERE client_id = 4711 "
                 "AND id = 9")
    found(database, "backfill", "work orders of a client that does not exist", ["4712"], "UPDATE work_orders SET")
    database.sql("UPDATE work_orders SET client_id_next = (SELECT id FROM clients WHERE code = 'VISIONWEST') WHERE "
                 "client_id_next = 4712")
    goes_on(database, "backfill")
    database.up()


@case("troubleshooting: one address twice", fast=True)
def duplicate(stage):
    """The old unique constraint forbids it, so it is gone for a while, as where somebody has dropped it by hand."""
    database = stage.database()
    database.up("expand")
    one, other = database.sql("SELECT id FROM users WHERE email <> '' ORDER BY id LIMIT 2").split()
    database.sql("ALTER TABLE users DROP CONSTRAINT users_email_key; "
                 f"UPDATE users SET email = (SELECT email FROM users WHERE id = {one}) WHERE id = {other}")
    address = database.sql(f"SELECT email FROM users WHERE id = {one}")
    found(database, "backfill", "one e-mail address twice in a client", [address, other], "merge the accounts")
    database.sql(f"UPDATE users SET is_active = false, email = email || '.duplicate-' || id WHERE id = {other}; "
                 "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email)")
    goes_on(database, "backfill")
    database.up()
