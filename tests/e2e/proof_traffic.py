"""The applications work all the while: no statement fails, none waits for us, every acknowledged write is right."""
import pathlib

from applications import Application, check_journals
from house import case, expect, expect_equal


class Day:
    """What the applications of one case met, in all."""

    def __init__(self, sets_aside=True):
        self.sets_aside = sets_aside
        self.journals, self.ended, self.kept = [], [], 0

    def end(self, *applications):
        for one in applications:
            one.stop()
            self.ended.append(one)
            self.journals.append(one.journal)

    def note(self, checked):
        expect(self.kept > 0 or not self.sets_aside, "no row was set aside on the way back")
        statements = sum(one.statements for one in self.ended)
        return (f"{statements} statements, 0 failed, {checked['acknowledged']} acknowledged writes, "
                f"{self.kept} of them set aside meanwhile, longest stall by segue {max(one.stall for one in self.ended):.0f} ms")


def run(database, code, *more):
    return database.segue("run", database.migration, "--without-rehearsal", "--yes", *more, code=code)


def one_shape_at_a_time(stage, protocol):
    database = stage.database()
    files = pathlib.Path(database.project) / "traffic"
    old, new = files / "old.yaml", files / "new.yaml"
    day = Day()
    for turn in range(2):
        application = Application(stage, database, old, protocol)
        application.works(10)
        run(database, 3)
        expect_equal(database.status()["waiting_for"], "old application stopped", "the gate before the names change")
        application.works(10)
        day.end(application)
        check_journals(database, old, day.journals)
        database.up()
        application = Application(stage, database, new, protocol)
        application.works(40)
        application.wrote("tenant_orders")  # what the old shape cannot express
        if turn == 1:
            day.end(application)
            return day.note(check_journals(database, new, day.journals))
        database.segue("rollback", database.migration, "--yes", code=3)
        day.end(application)
        database.approve("new application withdrawn")
        database.segue("rollback", database.migration, "--yes")
        day.kept += check_journals(database, old, day.journals)["kept"]


@case("traffic: old to the switch, new from there, back, and again (prepared)")
def prepared(stage):
    return one_shape_at_a_time(stage, "prepared")


@case("traffic: old to the switch, new from there, back, and again (simple)")
def simple(stage):
    return one_shape_at_a_time(stage, "simple")


@case("traffic: the old one works through every rollback below the switch")
def below(stage):
    """Also while indexes, constraints and columns go: the old shape is served all the way down."""
    database = stage.database()
    old = pathlib.Path(database.project) / "traffic" / "old.yaml"
    day = Day(sets_aside=False)
    application = Application(stage, database, old)
    for phase in ("expand", "backfill", "validate", "enforce"):
        database.up(phase)
        application.works(5)
        database.segue("rollback", database.migration, "--yes")
        application.works(5)
    day.end(application)
    return day.note(check_journals(database, old, day.journals))


@case("traffic: the old application's older parts, SELECT * and ON CONFLICT (job_no), up to the switch and back")
def older_parts(stage):
    """Simple protocol for the stars: prepared, they fail for ever when a column comes, which is PostgreSQL's own."""
    database = stage.database()
    examples = pathlib.Path(__file__).resolve().parents[2] / "examples" / "visionwest" / "traffic"
    day = Day(sets_aside=False)
    stars = Application(stage, database, examples / "old-simple.yaml", "simple", rate=60, connections=2, writes=False)
    imports = Application(stage, database, examples / "old-upsert.yaml", "prepared", rate=40, connections=1, writes=False)
    run(database, 3)
    database.segue("rollback", database.migration, "--yes")
    run(database, 3)
    day.end(stars, imports)
    statements = stars.statements + imports.statements
    return f"{statements} statements, 0 failed, longest stall by segue {max(stars.stall, imports.stall):.0f} ms"


def both(stage, protocol):
    """On the twin nothing is displaced: both shapes are served from the end of the backfill to the contract."""
    database = stage.database("visionwest-twin")
    database.migration = "multi-client-twin"
    files = pathlib.Path(database.project) / "traffic"
    old, new = files / "old.yaml", files / "new.yaml"
    day = Day()
    first = Application(stage, database, old, protocol)
    for turn in range(2):
        database.up("backfill")
        second = Application(stage, database, new, protocol)
        second.works(10)
        database.up()
        first.works(20)
        second.works(20)
        second.wrote("tenant_orders")  # what the old shape cannot express
        if turn == 1:
            break
        database.segue("rollback", database.migration, "--yes", code=3)
        day.end(second)
        database.approve("new application withdrawn")
        database.segue("rollback", database.migration, "--yes")
        first.works(10)
        day.end(first)
        day.kept += check_journals(database, old, day.journals)["kept"]
        first = Application(stage, database, old, protocol)
    day.end(first, second)
    return day.note(check_journals(database, new, day.journals))


@case("traffic: both applications at once on the twin, back, and again (prepared)")
def twin_prepared(stage):
    return both(stage, "prepared")


@case("traffic: both applications at once on the twin, back, and again (simple)")
def twin_simple(stage):
    return both(stage, "simple")
