"""Whatever happens to the connections of a run, of its way back, of its contract: the same command goes on to the same end."""
import time

from house import case, expect, expect_equal
from journeys import NEW_ROWS, Road, carried, ledger_is_consistent, only_in_soak, state_of, system
from proof_kill import end_state
from proxy import AFTER, BEFORE

RUN = ("--without-rehearsal", "--yes")


class Undisturbed:
    """Up, rows that only the new shape can express, back, up, back: what each end looks like, and how long it takes."""

    def __init__(self, database, road, new_rows):
        self.database, self.road = database, road
        before = database.fingerprint()
        self.timed(database.up)
        if new_rows:
            database.sql(new_rows)
        grace = end_state(database)
        database.down()
        self.back = end_state(database)
        expect_equal(self.back["catalog"], before["catalog"], "the catalog, there and back undisturbed")
        road.longest = self.timed(database.up) * 0.9
        road.commits = road.proxy.commits
        self.grace = end_state(database)
        expect_equal(self.grace, grace, "in grace, the second time undisturbed")
        self.carried = carried(database)
        self.kept = self.kept_now()
        database.down()
        self.kept = self.kept_now() - self.kept

    def timed(self, what):
        direct, self.database.url = self.database.url, self.road.proxy.url
        self.road.proxy.cut_at_commit(None, AFTER)
        started = time.monotonic()
        what()
        self.database.url = direct
        return time.monotonic() - started

    def kept_now(self):
        return int(self.database.sql("SELECT count(*) FROM segue.kept_row"))


def journeys(stage, database, wanted, each, new_rows, kinds=None):
    road = Road(stage, database, kinds)
    right = Undisturbed(database, road, new_rows)
    name = database.migration
    up_longest, up_commits = road.longest, road.commits
    rounds = 0
    while road.total < wanted:
        rounds += 1
        expect(rounds < 60, f"after 60 journeys only {road.told()}")
        road.longest, road.commits = up_longest, up_commits
        road.go_on(("run", name, *RUN), ("grace",), each)
        expect_equal(end_state(database), right.grace, f"in grace, after {road.told()}")
        expect_equal(carried(database), right.carried, f"rows carried, after {road.told()}")
        ledger_is_consistent(database, undone=False)
        database.expect_clean()
        kept = right.kept_now()
        road.longest, road.commits = up_longest * 0.7, max(5, up_commits // 3)
        road.go_on(("rollback", name, "--yes"), ("rolled_back",), each)
        expect_equal(end_state(database), right.back, f"back at the beginning, after {road.told()}")
        expect_equal(right.kept_now() - kept, right.kept, f"rows and values set aside, after {road.told()}")
        ledger_is_consistent(database, undone=True)
        database.expect_clean()
    return f"{road.total} in {rounds} journeys: {road.told()}"


@case("proxy: 20 disturbances of run and rollback, of a system with every sort of move")
def small(stage):
    return journeys(stage, system(stage), 20, 4, NEW_ROWS)


@case("proxy: 6 disturbances of visionwest at small scale")
def visionwest(stage):
    only_in_soak()
    return journeys(stage, stage.database(scale=2000), 6, 3, "")


def every_commit(stage, how, stride):
    """Not at random: commit after commit of one journey, each command goes as far as the next ones."""
    database = system(stage, 100)
    road = Road(stage, database)
    right = Undisturbed(database, road, NEW_ROWS)
    for command, arrived, wanted in ((("run", "small", *RUN), "grace", right.grace),
                                     (("rollback", "small", "--yes"), "rolled_back", right.back)):
        number = 3
        for turn in range(200):
            if turn and state_of(database) == arrived:
                break
            if state_of(database) == "waiting":
                database.open_gate()
            road.disturb_at(number, how, *command)
            number = 1 + (number + turn) % stride
        expect_equal(state_of(database), arrived, f"the state after {command[0]}, cut {how}")
        expect_equal(end_state(database), wanted, f"at the end of {command[0]}, cut {how}")
        ledger_is_consistent(database, undone=arrived == "rolled_back")
        database.expect_clean()
    return road.told()


@case("proxy: COMMIT after COMMIT of a journey up and back is not answered")
def not_answered(stage):
    return every_commit(stage, AFTER, 9)


@case("proxy: COMMIT after COMMIT of a journey up and back does not arrive")
def not_arrived(stage):
    only_in_soak()
    return every_commit(stage, BEFORE, 9)


def contracts(stage, database, wanted, each):
    """finish and restore, over and over."""
    road = Road(stage, database, longest=0.3, commits=14)
    name = database.migration
    database.up()
    database.sql(NEW_ROWS)
    database.segue("finish", name, "--yes")
    contracted = end_state(database)
    database.segue("restore", name, "--yes")
    grace = end_state(database)
    rounds = 0
    while road.total < wanted:
        rounds += 1
        expect(rounds < 60, f"after 60 rounds only {road.told()}")
        road.go_on(("finish", name, "--yes"), ("contracted",), each)
        expect_equal(end_state(database), contracted, f"contracted, after {road.told()}")
        road.go_on(("restore", name, "--yes"), ("grace",), each)
        expect_equal(end_state(database), grace, f"restored, after {road.told()}")
        ledger_is_consistent(database, undone=False)
        database.expect_clean()
    return f"{road.total} in {rounds} rounds: {road.told()}"


@case("proxy: 8 disturbances of finish and restore")
def contract(stage):
    return contracts(stage, system(stage, 500), 8, 3)


def turns(stage, database, moments):
    """A rollback is cut after one of its COMMITs, and given up: to the grace that was, or it says that it must go on."""
    road = Road(stage, database)
    right = Undisturbed(database, road, NEW_ROWS)
    name, half = database.migration, 0
    database.up()
    for moment in moments:
        database.sql("UPDATE segue.approval SET void = true")  # whoever signed for a rollback that was given up
        database.segue("rollback", name, "--yes", code=3)
        database.open_gate()
        road.disturb_at(moment, AFTER, "rollback", name, "--yes")
        if state_of(database) == "rolled_back":
            database.up()
            continue
        give_up = ("run", name, "--give-up-rollback", "--yes")
        if database.sql("SELECT 1 FROM segue.step WHERE state = 'undoing'"):
            half += 1
            answer = database.segue(*give_up, code=None)
            expect(answer.code == 2 and "half undone" in answer.err, f"it ended with {answer.code}: {answer.err[-600:]}")
            road.go_on(("rollback", name, "--yes"), ("rolled_back",), 1)
            expect_equal(end_state(database), right.back, f"back at the beginning, cut after COMMIT {moment}")
            database.up()
        else:
            road.longest, road.commits = 0.4, 20
            road.go_on(give_up, ("grace",), 1)
        state = end_state(database)
        expect_equal(state["data"], right.grace["data"], f"the data in grace, cut after COMMIT {moment}, {road.told()}")
        expect_equal(state["catalog"], right.grace["catalog"], f"the catalog in grace, cut after COMMIT {moment}, {road.told()}")
        expect_equal(database.sql("SELECT count(*) FROM segue.kept_row WHERE state <> 'restored'"), "0", "rows still kept")
        database.expect_clean()
    return f"{road.told()}; {half} were half undone and went the whole way"


@case("proxy: rollbacks that are given up, cut after any of their COMMITs")
def given_up(stage):
    return turns(stage, system(stage, 300), stage.random.sample(range(1, 31), 4))


@case("proxy: the old application writes between any two COMMITs of a run, and all of it is right in the new shape")
def written_between(stage):
    """A run is cut after each of its COMMITs in turn; whatever is written there, the new side follows."""
    database = system(stage, 60)
    road = Road(stage, database)
    number, state = 0, ""
    for number in range(1, 200):
        state = state_of(database)
        if state == "grace":
            break
        if state == "waiting":
            database.open_gate()
        database.sql(f"INSERT INTO deals (stage, name, note) SELECT s, s || {number}, s || {number} FROM unnest(ARRAY['new', 'offer', 'won']) s; "
                     f"UPDATE deals SET stage = 'offer', name = 'changed {number}' WHERE id = {number}; INSERT INTO accounts (id, status, name) "
                     f"SELECT {number} * 10 + s + 1000, s, 'x' FROM generate_series(1, 4) s; UPDATE accounts SET status = 3 WHERE id = {number};")
        road.disturb_at(4 + number % 3, AFTER, "run", "small", *RUN)
    expect_equal(state, "grace", "the state")
    wrong = database.sql("SELECT id, stage, stage_kind FROM deals WHERE stage_kind::text IS DISTINCT FROM CASE stage WHEN 'new' THEN 'lead' WHEN "
                         "'offer' THEN 'proposal' WHEN 'won' THEN 'closed_won' END OR title IS DISTINCT FROM name")
    expect_equal(wrong, "", "deals whose two sides differ")
    wrong = database.sql("SELECT id, status, state, tenant_id FROM accounts WHERE state IS DISTINCT FROM CASE status WHEN 1 THEN 'open' WHEN 2 "
                         "THEN 'paid' ELSE 'closed' END OR tenant_id IS DISTINCT FROM (SELECT id FROM tenants WHERE code = 'FIRST')")
    expect_equal(wrong, "", "accounts whose two sides differ")
    return f"{road.total} times"
