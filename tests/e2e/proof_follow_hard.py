"""Values of other tables that follow, where it is hard: both sides go at once, rows refuse, types are odd, roles are hostile."""
import subprocess

from house import case, expect, expect_equal, psql, wait_until

SCHEMA = """CREATE TABLE regions (id int PRIMARY KEY, boss int); INSERT INTO regions SELECT g, g * 10 FROM generate_series(1, 5) g;
CREATE TABLE customers (id int PRIMARY KEY, city text, region_id int REFERENCES regions ON DELETE CASCADE, n int DEFAULT 1);
INSERT INTO customers SELECT g, 'town ' || g, 1 + g % 5 FROM generate_series(1, 20) g;
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id int, pad text); CREATE INDEX ON orders (customer_id);
INSERT INTO orders (customer_id) SELECT 1 + g % 20 FROM generate_series(1, 100) g; ANALYZE;"""
MIGRATION = """migration: small
about: x
moves:
  - sql: ALTER TABLE orders ADD COLUMN v TYPE
  - backfill: { table: orders, set: { v: "VALUE" }, FROM }
windows: { grace: 0s }
"""
ONE = "from: customers c, where: c.id = orders.customer_id"
TWO = "from: customers c, join: JOIN regions r ON r.id = c.region_id, where: c.id = orders.customer_id"


def own(stage, value="c.city", source=ONE, kind="text", more=""):
    return stage.own(SCHEMA + more, MIGRATION.replace("TYPE", kind).replace("VALUE", value).replace("FROM", source))


def after(stage, changes, wanted, **move):
    """What stands in the new column after these statements, each by itself."""
    database = own(stage, **move)
    database.up("backfill")
    for change in changes:
        database.sql(change)
    rows = database.sql(f"SELECT o.id FROM orders o LEFT JOIN customers c ON c.id = o.customer_id LEFT JOIN regions r ON r.id = c.region_id WHERE o.v IS DISTINCT FROM {wanted}")
    expect_equal(rows, "", f"wrong rows after {changes}")
    return database


@case("follow hard: rows of both other tables go in one statement, or one after the other while a row is held", fast=True)
def both_go(stage):
    wanted = "CASE WHEN r.id IS NOT NULL THEN c.city || r.boss END"
    two = {"value": "c.city || r.boss", "source": TWO}
    after(stage, ["DELETE FROM regions WHERE id = 1"], wanted, **two)
    after(stage, ["ALTER TABLE customers DROP CONSTRAINT customers_region_id_fkey", "WITH a AS (DELETE FROM customers WHERE id = 3) DELETE FROM regions WHERE id = 4",
                  "UPDATE customers SET region_id = 2 WHERE id = 4", "INSERT INTO regions VALUES (4, 44)"], wanted, **two)
    # One row of one table stands on both ways to the row.
    after(stage, ["DELETE FROM customers WHERE id = 3", "UPDATE customers SET id = 300, n = 300 WHERE id = 4"], "c.city",
          value="found.city", source="from: \"customers old, customers found\", where: old.id = orders.customer_id AND found.id = old.id", kind="text")
    database = own(stage, **two)
    database.up("backfill")
    holder = stage.session(database.url, "holder")
    holder.ask("BEGIN; SELECT FROM orders WHERE customer_id = 3 FOR UPDATE \\g /dev/null\n")
    database.sql("DELETE FROM customers WHERE id = 3; DELETE FROM regions WHERE id = 5;")
    holder.ask("COMMIT;")
    database.up("grace")
    expect_equal(database.sql("SELECT count(*) FROM orders WHERE customer_id = 3 AND v IS NOT NULL"), "0", "rows with values of a customer who is gone")


@case("follow hard: an expression, a trigger or a type that fails for one row stops neither the application nor other rows", fast=True)
def refuses(stage):
    database = after(stage, ["UPDATE customers SET n = 0 WHERE id = 3", "UPDATE regions SET boss = 4000 WHERE id = 4"], "CASE c.n WHEN 0 THEN NULL ELSE r.boss / c.n END",
                     value="r.boss / c.n", source=TWO, kind="int")
    said = database.segue("run", "small", "--without-rehearsal", "--yes", code=5).text
    expect("cannot be made after validate: the query fails: division by zero" in said, said)
    touchy = """CREATE FUNCTION touchy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id = 2 THEN RAISE EXCEPTION ''not this one''; END IF; RETURN NULL; END';"""
    database = own(stage, more=touchy)
    database.up("backfill")
    database.sql("CREATE TRIGGER touchy AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touchy(); UPDATE customers SET city = 'x' WHERE id = 3;")
    expect_equal(database.sql("SELECT v, count(*) FROM orders WHERE customer_id = 3 GROUP BY 1 ORDER BY 1"), "town 3|1\nx|4", "values beside a row that refuses")
    counts = """CREATE FUNCTION counts() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE customers SET n = n + 1 WHERE id = OLD.customer_id; RETURN coalesce(NEW, OLD); END';
        CREATE TRIGGER counts BEFORE UPDATE OF pad OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION counts();"""
    database = own(stage, value="c.n", kind="int", more=counts)
    database.up("backfill")
    database.sql("DELETE FROM orders WHERE id = 4; UPDATE orders SET pad = 'x' WHERE id = 24;")
    database.up("grace")
    expect_equal(database.sql("SELECT DISTINCT v FROM orders WHERE customer_id = 5"), "3", "what its own trigger has counted")
    odd = "CREATE DOMAIN given AS text NOT NULL; ALTER TABLE customers ADD mail given DEFAULT 'e', ADD extra json, ADD p numeric DEFAULT 1.0; ALTER TABLE orders ADD k text;"
    after(stage, ["INSERT INTO customers VALUES (500, 'a', 1, 1, 'e', '{\"x\":\"\\u0000\"}')", "UPDATE customers SET p = 1.00, extra = '{\"k\": 1e9999999}' WHERE id = 3"],
          "CASE WHEN c.extra->>'k' = o.k THEN c.p::text END", value="c.p::text", source="from: customers c, where: \"c.extra->>'k' = orders.k\"", more=odd)
    after(stage, ["SET session_replication_role = replica; UPDATE customers SET city = 'x' WHERE id = 3; INSERT INTO orders (customer_id) VALUES (3)"], "c.city")
    database = own(stage, kind="varchar(3)")
    said = database.segue("run", "small", "--without-rehearsal", "--yes", code=5).text
    expect("value too long for type character varying(3)" in said and "100 rows cannot be carried" in said, said)


@case("follow hard: whoever may write a table, or make functions, gains nothing by the triggers", fast=True)
def hostile(stage):
    roles = "".join(f"DO $$ BEGIN CREATE ROLE {name}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;" for name in ("follow_bob", "follow_alice"))
    more = roles + """ALTER TABLE customers ALTER city TYPE varchar(40); GRANT CREATE ON SCHEMA public TO follow_bob, follow_alice; GRANT INSERT ON orders TO follow_bob;
        GRANT USAGE ON SEQUENCE orders_id_seq TO follow_bob; ALTER TABLE orders OWNER TO follow_alice; ALTER TABLE customers OWNER TO follow_alice;
        ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO follow_bob;"""
    gain = "LANGUAGE plpgsql AS 'BEGIN EXECUTE ''ALTER ROLE {} CREATEROLE''; RETURN {}; END'"
    database = own(stage, value="upper(c.city)", more=more)
    database.up("backfill")
    stage.at_end(lambda: psql(database.url, "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM follow_bob", may_fail=True))
    database.sql(f"SET ROLE follow_bob; CREATE FUNCTION public.upper(varchar) RETURNS text {gain.format('follow_bob', '$1')}; INSERT INTO orders (customer_id) VALUES (3);")
    database.sql(f"""SET ROLE follow_alice; CREATE FUNCTION alices() RETURNS trigger {gain.format('follow_alice', 'NEW')};
        CREATE TRIGGER alices BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION alices(); UPDATE customers SET city = 'z' WHERE id = 3;""")
    expect_equal(database.sql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'follow_%' AND rolcreaterole"), "0", "roles that gained a right")
    expect_equal(database.sql("SELECT v FROM orders ORDER BY id DESC LIMIT 1"), "TOWN 3", "the value of bob's row")
    free = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'segue%' AND has_function_privilege('follow_bob', oid, 'EXECUTE')"
    expect_equal(database.sql(free), "0", "functions that bob may call")
    database.sql("DROP TRIGGER alices ON orders")
    database.up("grace")
    expect_equal(database.sql("SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE v IS DISTINCT FROM upper(c.city::text)"), "0", "rows that did not follow")
    database.sql("ALTER TABLE customers OWNER TO CURRENT_USER")
    other = own(stage, more=roles + "ALTER TABLE orders OWNER TO follow_alice;")
    said = other.segue("plan", "small", code=1).text
    expect("orders belongs to follow_alice, who cannot read all rows of customers" in said, said)


@case("follow hard: the contract waits for what is still held, a restore makes right what came meanwhile, a dump of the schema works elsewhere", fast=True)
def ends(stage):
    database = own(stage)
    database.up("grace")
    holder = stage.session(database.url, "holder")
    holder.ask("BEGIN; SELECT FROM orders WHERE customer_id = 3 FOR UPDATE \\g /dev/null\n")
    database.sql("UPDATE customers SET city = 'held' WHERE id = 3")
    process = database.start("finish", "small", "--yes")
    seen = int(database.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'segue'"))
    wait_until(lambda: process.poll() is not None or database.sql("SELECT max(at) > now() - interval '1 s' FROM segue.resync WHERE seen IS NOT NULL") == "t",
               "it looks at what is noted")
    database.sql("SELECT pg_sleep(2)")
    expect(process.poll() is None, f"it did not wait for the row ({seen}): {process.poll() is not None and process.communicate()}")
    holder.ask("COMMIT;")
    expect_equal(process.wait(timeout=60), 0, "the exit code of finish")
    expect_equal(database.sql("SELECT DISTINCT v FROM orders WHERE customer_id = 3"), "held", "the value of the held row")
    database.sql("UPDATE customers SET city = 'since' WHERE id = 3; INSERT INTO orders (customer_id) VALUES (4);")
    database.approve("new application withdrawn")
    database.segue("restore", "small", "--yes")
    expect_equal(database.sql("SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE v IS DISTINCT FROM c.city"), "0", "wrong rows after the restore")
    dump = subprocess.run(["pg_dump", "-n", "public", database.url], capture_output=True, text=True, check=True).stdout
    elsewhere = stage.own("SELECT 1", "migration: x\nabout: x\nmoves: [{ sql: SELECT 1 }]\n", name="x")
    said = psql(elsewhere.url, dump.replace("CREATE SCHEMA public;", ""))
    psql(elsewhere.url, "UPDATE public.customers SET city = 'there' WHERE id = 3")
    expect_equal(psql(elsewhere.url, "SELECT DISTINCT v FROM public.orders WHERE customer_id = 3"), "there", f"the value in the copy ({said[-200:]})")
    database.segue("finish", "small", "--yes")
