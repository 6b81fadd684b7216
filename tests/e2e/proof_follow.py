"""Values of other tables that stay right, whichever of the tables is written, by whom, and at the same moment."""
from house import case, expect, expect_equal, wait_until
from proof_backfill_locks import Together

SCHEMA = """CREATE TABLE regions (id int PRIMARY KEY, boss int, note json);
INSERT INTO regions SELECT g, g * 10 FROM generate_series(1, 5) g;
CREATE TABLE customers (id serial PRIMARY KEY, city text, region_id int REFERENCES regions, extra json);
INSERT INTO customers (city, region_id) SELECT 'town ' || g, 1 + g %% 5 FROM generate_series(1, %d) g;
CREATE TABLE "Orders" (id bigserial PRIMARY KEY, customer_id int REFERENCES customers ON DELETE SET NULL, city text, pad text);
INSERT INTO "Orders" (customer_id, city, pad) SELECT 1 + g %% %d, 'own', repeat('x', 50) FROM generate_series(1, %d) g;
CREATE INDEX ON "Orders" (customer_id); CREATE INDEX ON customers (region_id);
CREATE ROLE clerk; GRANT SELECT, INSERT, UPDATE, DELETE ON "Orders" TO clerk; GRANT USAGE ON SEQUENCE "Orders_id_seq" TO clerk;
ANALYZE;"""
MIGRATION = """migration: small
about: x
moves:
  - sql: ALTER TABLE "Orders" ADD COLUMN "cityOf" text, ADD COLUMN boss int
  - backfill:
      table: Orders
      set: { cityOf: "upper(c.city)", boss: r.boss }
      from: customers c
      join: JOIN regions r ON r.id = c.region_id
      where: c.id = "Orders".customer_id
windows: { grace: 0s }
"""
WRONG = """SELECT count(*) FROM "Orders" o LEFT JOIN customers c ON c.id = o.customer_id LEFT JOIN regions r ON r.id = c.region_id
  WHERE (o."cityOf", o.boss) IS DISTINCT FROM (upper(CASE WHEN r.id IS NOT NULL THEN c.city END), r.boss)"""


def own(stage, customers, orders):
    # Roles belong to the whole server.
    schema = SCHEMA.replace("CREATE ROLE clerk;", "DO $$ BEGIN CREATE ROLE clerk; EXCEPTION WHEN duplicate_object THEN NULL; END $$;")
    return stage.own(schema % (customers, customers, orders), MIGRATION)


@case("follow: a column has the values of two other tables, whichever is written and by whom; the way back takes all of it away", fast=True)
def follows(stage):
    database = own(stage, 100, 2000)
    before = database.catalog()
    database.up("backfill")
    expect_equal(database.sql(WRONG), "0", "wrong rows after the backfill")
    for change in ("UPDATE customers SET city = 'Paris' WHERE id = 3", "UPDATE regions SET boss = 77 WHERE id = 2",
                   "DELETE FROM customers WHERE id = 4", "UPDATE customers SET region_id = NULL WHERE id = 5",
                   'UPDATE "Orders" SET customer_id = 9 WHERE id < 50', "INSERT INTO customers (city) VALUES ('Rome')",
                   'UPDATE "Orders" SET "cityOf" = \'mine\' WHERE id = 60', "TRUNCATE customers CASCADE"):
        database.sql(change)
        expect_equal(database.sql(WRONG), "0", f"wrong rows after {change}")
    database.sql("INSERT INTO customers (id, city, region_id) VALUES (1000, 'Oslo', 1)")
    # He may not read where the values come from.
    database.sql('SET ROLE clerk; INSERT INTO "Orders" (customer_id) VALUES (NULL); INSERT INTO "Orders" (customer_id) VALUES (1000);')
    expect_equal(database.sql(WRONG), "0", "wrong rows after the clerk's")
    expect_equal(database.sql('SELECT "cityOf" FROM "Orders" WHERE customer_id = 1000'), "OSLO", "the clerk's city")
    free = database.sql("SELECT count(*) FROM pg_proc WHERE proname LIKE 'segue%' AND prosecdef AND has_function_privilege('clerk', oid, 'EXECUTE')")
    expect_equal(free, "0", "functions with the owner's rights that anybody may call")
    database.up("grace")
    expect_equal(database.sql("SELECT count(*) FROM segue.resync"), "0", "changes that are noted still")
    database.down()
    expect_equal(database.catalog(), before, "the catalog after the way back")


@case("follow: applications write both sides at once, in long and short transactions, and no row falls behind")
def at_once(stage):
    database = own(stage, 40, 2000)
    together, random = Together(stage), stage.random

    def order():
        who, one = random.randrange(1, 41), random.randrange(1, 2001)
        return random.choice([
            f'UPDATE "Orders" SET customer_id = {who} WHERE id = {one};', f"UPDATE \"Orders\" SET pad = 'y' WHERE id = {one};",
            f'INSERT INTO "Orders" (customer_id) VALUES ({who});', f'DELETE FROM "Orders" WHERE id = {random.randrange(1500, 2001)};',
            # What was read before is written later.
            f'BEGIN; INSERT INTO "Orders" (customer_id) VALUES ({who}); SELECT pg_sleep(0.05) \\g /dev/null\nUPDATE "Orders" SET customer_id = {who} WHERE id = {one}; COMMIT;',
            f'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 \\g /dev/null\nSELECT pg_sleep(0.03) \\g /dev/null\nINSERT INTO "Orders" (customer_id) VALUES ({who}); COMMIT;',
            f'BEGIN; SELECT FROM "Orders" WHERE id = {one} FOR UPDATE \\g /dev/null\nSELECT pg_sleep(0.03) \\g /dev/null\nCOMMIT;'])

    def customer():
        who = random.randrange(1, 41)
        city = f"UPDATE customers SET city = 'town {random.randrange(10000)}' WHERE id = {who};"
        return random.choice([city, city, city, city, city, f"BEGIN; {city} SELECT pg_sleep(0.04) \\g /dev/null\nCOMMIT;",
                              f"UPDATE customers SET region_id = {random.randrange(1, 6)} WHERE id = {who};",
                              f"UPDATE regions SET boss = {random.randrange(1000)} WHERE id = {random.randrange(1, 6)};",
                              f"BEGIN; {city} ROLLBACK;"])

    for number in range(4):
        together.repeat(stage.session(database.url, f"orders {number}"), order)
    for number in range(2):
        together.repeat(stage.session(database.url, f"customers {number}"), customer)
    database.up("grace")
    written = int(database.sql('SELECT max(id) FROM "Orders"'))
    wait_until(lambda: int(database.sql('SELECT max(id) FROM "Orders"')) > written + 300, "they write in grace, where no segue runs", 60)
    together.stop()
    # A change of a customer holds rows of several orders now, and two may meet; REPEATABLE READ is refused by itself.
    given_way = [said for said in together.said if "deadlock" in said or "could not serialize" in said]
    others = [said for said in together.said if said not in given_way]
    expect(not others, f"a statement of the application failed: {others[:2]}")
    behind = database.sql(WRONG)
    noted = database.sql("SELECT count(*) FROM segue.resync")
    # Every further change looks at a few.
    session = stage.session(database.url, "last")
    for number in range(400):
        session.ask(f"UPDATE customers SET city = 'last {number}' WHERE id = 1;")
    expect_equal(database.sql(WRONG), "0", "rows that have fallen behind after more changes")
    database.segue("finish", "small", "--yes")
    expect_equal(database.sql(WRONG), "0", "rows that have fallen behind")
    expect_equal(database.sql("SELECT count(*) FROM segue.resync"), "0", "changes that are noted still")
    return f"{len(given_way)} gave way, {behind} rows behind and {noted} changes noted when all went still"
