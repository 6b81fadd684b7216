"""A rollback that is given up half-way: up again from where it stands; and one that meets a renamed table."""
from house import case, expect, expect_equal, wait_until
from proof_way_back import TENANCY


def grace_with_two_tenants(stage):
    database = stage.own("CREATE TABLE o (id int PRIMARY KEY, t text); INSERT INTO o SELECT g, 'x' FROM generate_series(1, 50) g;",
                         TENANCY.format(tables="o"))
    before = database.fingerprint()
    database.up()
    database.sql("INSERT INTO tenants (code) VALUES ('SECOND'); INSERT INTO o SELECT g, 'y', (SELECT id FROM tenants WHERE code = "
                 "'SECOND') FROM generate_series(101, 130) g;")
    return database, before, database.fingerprint()


def give_up(database):
    answer = database.segue("run", "small", code=2)
    expect("--give-up-rollback" in answer.err, f"the refusal does not say how to turn round: {answer.err}")
    for _ in range(4):
        answer = database.segue("run", "small", "--give-up-rollback", "--yes", code=None)
        if answer.code == 0:
            return
        expect(answer.code == 3, f"it ended with {answer.code}: {answer.err}")
        database.open_gate()


@case("turn round: before the first step is undone", fast=True)
def at_once(stage):
    database, before, grace = grace_with_two_tenants(stage)
    database.sql("CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF current_query() ~ 'DROP' AND current_query() "
                 "!~ 'segue_seal|EVENT' THEN RAISE 'not today'; END IF; END $$; CREATE EVENT TRIGGER no ON ddl_command_start EXECUTE FUNCTION no();")
    answer = database.segue("rollback", "small", "--yes", code=None)
    if answer.code == 3:
        database.approve("new application withdrawn")
        answer = database.segue("rollback", "small", "--yes", code=None)
    expect_equal(answer.code, 5, "the exit code of a rollback that may not drop")
    expect_equal(database.sql("SELECT count(*) FROM o"), "50", "rows while the others are set aside")
    database.sql("DROP EVENT TRIGGER no; DROP FUNCTION no();")
    give_up(database)
    expect_equal(database.fingerprint(), grace, "catalog and data once it has turned round")
    database.down()
    expect_equal(database.fingerprint(), before, "catalog and data after a rollback that is not given up")


@case("turn round: an approval for a rollback is void once the run goes on", fast=True)
def approval_is_void(stage):
    database, _, _ = grace_with_two_tenants(stage)
    database.segue("rollback", "small", "--yes", code=3)
    database.approve("new application withdrawn")
    database.up()
    answer = database.segue("rollback", "small", "--yes", code=None)
    expect_equal(answer.code, 3, f"the exit code of a rollback days later ({answer.text[-300:]})")


@case("turn round: wherever a rollback was stopped")
def anywhere(stage):
    for steps in (1, 3, 5, 7, 9):
        database, before, grace = grace_with_two_tenants(stage)
        database.approve("new application withdrawn")
        rollback = database.start("rollback", "small", "--yes")
        wait_until(lambda: int(database.sql("SELECT count(*) FROM segue.step WHERE state = 'undone'")) >= steps
                   or rollback.poll() is not None, "steps are undone")
        rollback.kill()
        rollback.communicate()
        if database.status()["state"] == "rolled_back":
            continue
        if database.sql("SELECT 1 FROM segue.step WHERE state = 'undoing'"):
            answer = database.segue("run", "small", "--give-up-rollback", "--yes", code=2)
            expect("half undone" in answer.err, f"the refusal: {answer.err}")
            continue
        give_up(database)
        expect_equal(database.fingerprint()["data"], grace["data"], f"the data, turned round after {steps} steps")
        expect_equal(database.fingerprint()["catalog"], grace["catalog"], f"the catalog, turned round after {steps} steps")
        database.down()
        expect_equal(database.fingerprint(), before, "catalog and data after a rollback that is not given up")


@case("way back: a table that somebody has renamed is not taken for dropped", fast=True)
def renamed(stage):
    database, before, _ = grace_with_two_tenants(stage)
    database.sql("ALTER TABLE o RENAME TO oo")
    database.approve("new application withdrawn")
    answer = database.segue("rollback", "small", "--yes", code=5)
    expect("oo" in answer.err and "old name" in answer.err, f"it does not say what to do: {answer.err}")
    database.sql("ALTER TABLE oo RENAME TO o")
    database.down()
    expect_equal(database.fingerprint(), before, "catalog and data, there and back")
