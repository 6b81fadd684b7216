"""Whatever happens to the connections of a run, of its way back, of its contract: the same command goes on to the same end."""
import time

from house import case, expect, expect_equal
from journeys import NEW_ROWS, Road, carried, ledger_is_consistent, state_of, system
from proof_kill import end_state
from proxy import AFTER, BEFORE, WITHOUT_WAITING

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


@case("proxy: a few disturbances", fast="only")
def few(stage):
    return journeys(stage, system(stage, 300), 4, 3, NEW_ROWS)


@case("proxy: 10 disturbances of visionwest")
def visionwest(stage):
    return journeys(stage, stage.database(), 10, 3, "")


@case("proxy: every COMMIT of a journey up and back, in turn, answered or not")
def every_commit(stage):
    """Not at random: commit after commit of one journey, each command goes as far as the next one."""
    database = system(stage, 150)
    road = Road(stage, database)
    right = Undisturbed(database, road, NEW_ROWS)
    for how in (AFTER, BEFORE):
        road.kinds = [how]
        for command, arrived, wanted in ((("run", "small", *RUN), "grace", right.grace),
                                         (("rollback", "small", "--yes"), "rolled_back", right.back)):
            number = 1
            while state_of(database) != arrived or number == 1:
                road.commits = 1  # the very next one, and after one that was held back the one after it
                if state_of(database) == "waiting":
                    database.open_gate()
                road.disturb_at(number, how, *command)
                number = number % 7 + 1
            expect_equal(end_state(database), wanted, f"at the end of {command[0]}, cut {how}")
            ledger_is_consistent(database, undone=arrived == "rolled_back")
            database.expect_clean()
    return road.told()


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


@case("proxy: 12 disturbances of finish and restore")
def contract(stage):
    return contracts(stage, system(stage, 500), 12, 3)


def turns(stage, database, wanted, each):
    """A rollback is stopped somewhere and given up; giving it up is disturbed as well."""
    road = Road(stage, database, longest=0.3)
    name = database.migration
    right = Undisturbed(database, road, NEW_ROWS)
    database.up()
    road.commits, half = 25, 0
    for _ in range(60):
        if road.total >= wanted:
            break
        for _ in range(2):  # the first asks for the gate
            if state_of(database) == "waiting":
                database.open_gate()
            road.disturb("rollback", name, "--yes")
        if state_of(database) == "rolled_back":
            database.up()
            continue
        if state_of(database) == "grace":
            continue
        give_up = ("run", name, "--give-up-rollback", "--yes")
        if database.sql("SELECT 1 FROM segue.step WHERE state = 'undoing'"):
            half += 1
            answer = database.segue(*give_up, code=None)
            expect(answer.code == 2 and "half undone" in answer.err, f"it ended with {answer.code}: {answer.err[-600:]}")
            road.go_on(("rollback", name, "--yes"), ("rolled_back",), each)
            expect_equal(end_state(database), right.back, f"back at the beginning, after {road.told()}")
            database.up()
        else:
            road.go_on(give_up, ("grace",), each)
        state = end_state(database)
        expect_equal(state["data"], right.grace["data"], f"the data in grace, after {road.told()}")
        expect_equal(state["catalog"], right.grace["catalog"], f"the catalog in grace, after {road.told()}")
        expect_equal(database.sql("SELECT count(*) FROM segue.kept_row WHERE state <> 'restored'"), "0", "rows still kept")
        database.expect_clean()
    return f"{road.told()}; {half} were half undone and went the whole way"


@case("proxy: 12 disturbances of rollbacks that are given up")
def given_up(stage):
    return turns(stage, system(stage, 500), 12, 2)
