"""Who still uses the old shape: seen in the recorded statements and by the triggers, proved between two looks."""
from house import case, expect, expect_equal
from proof_way_back import TENANCY

PAIR = """migration: small
about: x
moves:
  - sql: ALTER TABLE o ADD COLUMN state text
  - backfill:
      table: o
      set: {{ state: "CASE status WHEN 1 THEN 'open' ELSE 'closed' END" }}
      back: {{ status: "CASE state WHEN 'open' THEN 1 ELSE 2 END" }}
      keep_in_sync: pair
windows: {{ grace: 0s }}
gates:
  - {{ before: contract, name: unused, old_shape_unused_for: {unused} }}
"""
TABLE = "CREATE TABLE o (id int PRIMARY KEY, status int, note text); INSERT INTO o SELECT g, 1, 'x' FROM generate_series(1, 50) g;"


def own(stage, unused="1s", extension=True):
    database = stage.own((" CREATE EXTENSION pg_stat_statements; SELECT pg_stat_statements_reset();" if extension else "") + TABLE, PAIR.format(unused=unused))
    database.up()
    return database


def usage(database):
    return database.segue("usage", "small", "--json").json()


@case("usage: the old application's statements are known by what they name, those of the new one and of segue are not", fast=True)
def statements(stage):
    database = own(stage)
    usage(database)
    for sql in ("SELECT id, status FROM o WHERE id = 7", "SELECT x.status FROM o AS x", "SELECT * FROM o WHERE id = 8",
                "UPDATE o SET status = 2 WHERE id = 1", "SELECT id, state FROM o WHERE id = 7", "SELECT 'status' FROM o LIMIT 1",
                "UPDATE o SET state = 'closed' WHERE id = 2", "INSERT INTO o (id, state) VALUES (900, 'open')",
                "WITH status AS (SELECT 1 AS one) SELECT one FROM status"):
        database.sql(sql)
    database.segue("verify", code=None)
    found = usage(database)
    certain = sorted(one["statement"] for one in found["uses"] if one["certain"] and one["calls_since_first_look"] and one["source"] == "statements")
    expect_equal(certain, ["SELECT id, status FROM o WHERE id = $1", "SELECT x.status FROM o AS x", "UPDATE o SET status = $1 WHERE id = $2"], "uses")
    perhaps = [one["statement"] for one in found["uses"] if not one["certain"] and one["calls_since_first_look"]]
    expect_equal(perhaps, ["SELECT * FROM o WHERE id = $1"], "what may use it")
    counted = [one["calls_since_first_look"] for one in found["uses"] if one["source"] == "trigger"]
    expect_equal(counted, [1], "what the trigger counted")


@case("usage: the gate opens when two looks far enough apart prove it, and closes for a reset or a call", fast=True)
def gate(stage):
    database = own(stage, "2s")

    def refused(*words):
        done = database.segue("finish", "small", "--yes", code=3)
        expect(all(word in done.text for word in words), done.text)

    database.sql("SELECT status FROM o WHERE id = 1")
    refused("the old shape to be unused for 2.0 s", "o.status was used 1 times")
    database.sql("SELECT pg_stat_statements_reset()")
    refused("pg_stat_statements was emptied")
    database.sql("UPDATE o SET status = 2 WHERE id = 3; SELECT pg_stat_statements_reset()")
    refused("writes of the old shape")
    # Nobody uses it from here on; the looks are two seconds apart at the server's own clock.
    usage(database)
    database.sql("SELECT pg_sleep(2.1)")
    database.segue("finish", "small", "--yes")


@case("usage: what cannot be seen proves nothing, and is opened by hand with a reason", fast=True)
def unreadable(stage):
    database = own(stage, "1s", extension=False)
    done = database.segue("finish", "small", "--yes", code=3)
    expect("CREATE EXTENSION pg_stat_statements" in done.text and "--open REASON" in done.text, done.text)
    expect_equal(usage(database)["readable"], False, "readable")
    database.approve("unused", "operator", "--open", "asked the team")
    database.segue("finish", "small", "--yes")


@case("usage: who inserts without the tenant, and who infers on the old unique, uses the old shape", fast=True)
def tenancy(stage):
    migration = TENANCY.format(tables="o").replace("limits:", "      unique: { o: [[email]] }\nlimits:")
    database = stage.own("CREATE EXTENSION pg_stat_statements; SELECT pg_stat_statements_reset(); CREATE TABLE o (id int PRIMARY KEY, email text UNIQUE)", migration)
    database.up()
    usage(database)
    first = database.sql("SELECT min(tenant_id) FROM o UNION ALL SELECT id FROM tenants LIMIT 1").strip()
    tenant = database.sql("SELECT id FROM tenants")
    database.sql("INSERT INTO o (id, email) VALUES (1, 'a') ON CONFLICT (email) DO NOTHING")
    database.sql(f"INSERT INTO o (id, email, tenant_id) VALUES (2, 'b', {tenant or first}) ON CONFLICT (tenant_id, email) DO NOTHING")
    uses = sorted(one["old_name"] for one in usage(database)["uses"] if one["calls_since_first_look"])
    expect_equal(uses, ["o ON CONFLICT (email)", "o without tenant_id"], "uses")
