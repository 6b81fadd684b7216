"""Every version of the server: up to grace and back, equal; once for each --pg-bin."""
import pathlib
import re
import subprocess

from house import LeftOut, case, expect, expect_equal
import house


@case("versions: up, back, equal, on each server given by --pg-bin")
def versions(stage):
    if not house.settings.pg_bins:
        raise LeftOut("no --pg-bin was given")
    seen = []
    for folder in house.settings.pg_bins:
        said = subprocess.run([str(pathlib.Path(folder) / "postgres"), "--version"], capture_output=True, text=True,
                              check=True).stdout
        version = re.search(r"[0-9.]+", said).group()
        database = stage.database("visionwest", scale=2000, pg_bin=folder)
        before = database.fingerprint()
        database.up()
        grace = database.fingerprint()
        database.down()
        expect_equal(database.fingerprint(), before, f"catalog and data on {version}, there and back")
        database.up()
        database.approve("grace", "operator", "--open", "the proof needs no two days")
        database.segue("finish", database.migration, "--yes")
        database.segue("restore", database.migration, "--yes")
        expect_equal(database.fingerprint()["catalog"], grace["catalog"], f"the catalog on {version} after restore")
        database.down()
        expect(database.fingerprint()["catalog"] == before["catalog"], f"the catalog on {version} in the end")
        seen.append(version)
    return ", ".join(seen)
