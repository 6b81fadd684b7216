"""The way up to each boundary and back: catalog and data are what they were."""
from house import PHASES, case, expect, expect_equal


def there_and_back(stage, example, to):
    database = stage.database(example)
    before = database.fingerprint()
    database.up(to)
    database.down()
    after = database.fingerprint()
    expect_equal(after["catalog"], before["catalog"], f"the catalog after {to} and back")
    expect_equal(after["data"], before["data"], f"the data after {to} and back")
    expect_equal(database.status()["state"], "rolled_back", "the state")
    database.expect_clean()


def boundary(to, fast=False):
    @case(f"boundaries: to {to} and back to the beginning", fast)
    def proof(stage):
        there_and_back(stage, "visionwest", to)


for phase in PHASES:
    boundary(phase, fast=phase == "grace")


@case("boundaries: back to each earlier boundary, the shape is what it was there")
def every_pair(stage):
    """One database goes up; from each boundary it goes back to each lower one, and up again."""
    database = stage.database()
    seen, data = {}, {}
    pairs = 0
    for upper in PHASES:
        database.up(upper)
        now = database.fingerprint()
        seen[upper], data[upper] = now["catalog"], now["data"]
        for lower in PHASES[: PHASES.index(upper)]:
            if lower == "prepare":
                continue  # that is the beginning, and ends the run: the cases above
            database.down(lower)
            then = database.fingerprint()
            expect_equal(then["catalog"], seen[lower], f"the catalog, from {upper} back to {lower}")
            expect_equal(then["data"], data[lower], f"the data, from {upper} back to {lower}")
            database.up(upper)
            again = database.fingerprint()
            expect_equal(again["catalog"], seen[upper], f"the catalog, from {lower} up to {upper} again")
            expect_equal(again["data"], data[upper], f"the data, from {lower} up to {upper} again")
            pairs += 1
    database.expect_clean()
    return f"{pairs} pairs of boundaries"


@case("boundaries: up, back and up again carries everything a second time")
def twice(stage):
    database = stage.database()
    before = database.fingerprint()
    database.up()
    first = database.fingerprint()
    database.down()
    database.up()
    second = database.fingerprint()
    expect_equal(second["catalog"], first["catalog"], "the catalog in grace, the second time")
    expect_equal(second["data"], first["data"], "the data in grace, the second time")
    database.down()
    expect_equal(database.fingerprint(), before, "catalog and data after the second way back")


@case("boundaries: grace, finish, restore, back", fast=True)
def contract(stage):
    database = stage.database()
    before = database.fingerprint()
    database.up()
    grace = database.fingerprint()
    waits = database.segue("finish", database.migration, "--yes", code=3)
    expect("48" in waits.err or "until" in waits.err, f"the grace gate does not say how long: {waits.err}")
    database.approve("grace", "operator", "--open", "the proof needs no two days")
    database.segue("finish", database.migration, "--yes")
    expect_equal(database.status()["state"], "contracted", "the state after finish")
    refused = database.segue("rollback", database.migration, "--yes", code=2)
    expect("restore" in refused.err, f"the refusal does not name restore: {refused.err}")
    contracted = database.fingerprint()
    expect(contracted["catalog"] != grace["catalog"], "the contract has changed nothing")
    database.segue("restore", database.migration, "--yes")
    expect_equal(database.fingerprint(), grace, "catalog and data after restore")
    database.down()
    expect_equal(database.fingerprint(), before, "catalog and data after restore and rollback")
    database.expect_clean()


@case("boundaries: the instant variant and the twin, to grace and back")
def variants(stage):
    for example in ("visionwest-instant", "visionwest-twin"):
        there_and_back(stage, example, "grace")
