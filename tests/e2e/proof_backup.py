"""The backup of a run: taken before its first step, read back and compared; from it everything can be had again."""
import json
import pathlib
import re

import deals
import house
from house import LeftOut, case, expect, expect_equal, psql, sandbox


def own(stage, rows=300, pg_bin=None):
    database = deals.own(stage, rows, pg_bin=pg_bin)
    database.backup = ""
    return database


def with_tools(database):
    database.major = int(database.sql("SHOW server_version_num")) // 10000
    if database.major != 15:
        raise LeftOut("pg_dump here is 15, and renames of tables need it too")
    return database


@case("backup: a run takes one, tells where it lies, and takes no second when it goes on", fast=True)
def taken(stage):
    database = with_tools(own(stage))
    before = database.fingerprint()
    said = database.segue("run", "small", "--without-rehearsal", "--yes", "--to", "expand").text
    expect("read back" in said, said)
    folders = [one for one in (database.project / "backups").iterdir() if one.is_dir()]
    expect_equal(len(folders), 1, "backups")
    noted = database.sql("SELECT folder, read_back <> '', bytes > 0, tables -> 'public.deals' ->> 'rows' FROM segue.backup")
    expect_equal(noted, f"{folders[0]}|t|t|300", "what the ledger says of it")
    database.segue("run", "small", "--yes", "--to", "backfill")
    expect_equal(database.sql("SELECT count(*) FROM segue.backup"), "1", "backups of this run")
    # The worst: the database is gone, and comes back from the folder alone.
    place = sandbox(None)
    place.count += 1
    name = f"e2e_back_{place.count}"
    psql(place.admin_url, f'CREATE DATABASE "{name}"')
    stage.at_end(lambda: place.drop(name))
    database.segue("backup", "--restore", str(folders[0]), "--into", place.url_of(name))
    again = type(database)(stage, place.url_of(name), database.project)
    expect_equal(again.fingerprint(), before, "catalog and data out of the backup")


@case("backup: without a pg_dump that is new enough nothing begins, not even the ledger; copies of tables need none", fast=True)
def no_tools(stage):
    newer = [one for one in house.settings.pg_bins if int(re.search(r"\d+", pathlib.Path(one).parent.name).group()) > 15]
    if not newer:
        raise LeftOut("no server newer than pg_dump is here; say --pg-bin")
    database = own(stage, pg_bin=newer[0])
    done = database.segue("run", "small", "--without-rehearsal", "--yes", code=2)
    expect("--no-backup" in done.text and "pg_dump" in done.text, done.text)
    expect_equal(database.sql("SELECT to_regnamespace('segue') IS NULL"), "t", "nothing was made")
    database.segue("run", "small", "--without-rehearsal", "--yes", "--to", "expand", "--backup-tables")
    folder = pathlib.Path(database.sql("SELECT folder FROM segue.backup"))
    copies = sorted(one.name for one in (folder / "tables").iterdir() if one.suffix == ".copy")
    expect_equal(copies, ["public.deals.copy"], "copies")
    expect_equal(json.loads(database.sql("SELECT tables FROM segue.backup"))["public.deals"]["rows"], 300, "rows")


@case("backup: somebody who holds a table is named before anything is taken, and it goes on when he lets go", fast=True)
def held(stage):
    database = with_tools(deals.own(stage, 300, deals.MIGRATION.replace("20s", "1s")))
    holder = stage.session(database.url, "holder of lines")
    holder.ask("BEGIN; LOCK TABLE lines IN ACCESS EXCLUSIVE MODE;")
    database.backup = ""
    done = database.segue("run", "small", "--without-rehearsal", "--yes", code=4)
    expect("holder of lines" in done.text and "holds lines" in done.text, done.text)
    expect(not (database.project / "backups").exists(), "something was taken")
    holder.ask("COMMIT;")
    database.segue("run", "small", "--without-rehearsal", "--yes")
