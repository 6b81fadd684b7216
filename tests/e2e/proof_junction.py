"""A foreign key that becomes many-to-many: the old application sees its column, the new one its links, and both are right."""
from house import case, expect, expect_equal, wait_until
from proof_backfill_locks import Together

SCHEMA = """CREATE TABLE companies (id int PRIMARY KEY, name text); INSERT INTO companies SELECT g, 'c' || g FROM generate_series(1, 100) g;
CREATE TABLE "Contacts" (id bigserial PRIMARY KEY, name text, company_id int REFERENCES companies ON DELETE SET NULL);
INSERT INTO "Contacts" (name, company_id) SELECT 'p' || g, CASE WHEN g %% 10 > 0 THEN 1 + g %% 100 END FROM generate_series(1, %d) g; ANALYZE;"""
MIGRATION = """migration: small
about: x
moves:
  - junction: { from: Contacts.company_id, table: contact_companies, columns: [contact_id, company_id], primary: is_main }
windows: { grace: 0s }
"""
WRONG = """SELECT count(*) FROM "Contacts" t FULL JOIN (SELECT * FROM contact_companies WHERE is_main) l ON l.contact_id = t.id
  WHERE t.company_id IS DISTINCT FROM l.company_id"""
LINKS = "SELECT string_agg(company_id || CASE WHEN is_main THEN '*' ELSE '' END, ' ' ORDER BY company_id) FROM contact_companies WHERE contact_id = {}"
COLUMN = 'SELECT company_id FROM "Contacts" WHERE id = {}'


@case("junction: either application changes links, the other one sees it at once; what only links can say is kept on the way back", fast=True)
def both_shapes(stage):
    database = stage.own(SCHEMA % 2000, MIGRATION)
    before = database.catalog()
    database.up("backfill")
    expect_equal(database.sql(WRONG), "0", "wrong rows after the backfill")
    for change, who, links, column in (
            ('UPDATE "Contacts" SET company_id = 7 WHERE id = 1', 1, "7*", "7"),
            ("INSERT INTO contact_companies VALUES (1, 8, false)", 1, "7* 8", "7"),
            ('UPDATE "Contacts" SET company_id = 8 WHERE id = 1', 1, "8*", "8"),
            ("INSERT INTO contact_companies VALUES (1, 9, false)", 1, "8* 9", "8"),
            ("BEGIN; UPDATE contact_companies SET is_main = false WHERE contact_id = 1; UPDATE contact_companies SET is_main = true WHERE contact_id = 1 AND company_id = 9; COMMIT",
             1, "8 9*", "9"),
            ("DELETE FROM contact_companies WHERE contact_id = 2", 2, "", ""),
            ('UPDATE "Contacts" SET company_id = NULL WHERE id = 3', 3, "", ""),
            ("INSERT INTO \"Contacts\" (id, name, company_id) VALUES (3000, 'old', 5)", 3000, "5*", "5"),
            ("INSERT INTO \"Contacts\" (id, name) VALUES (3001, 'new'); INSERT INTO contact_companies VALUES (3001, 4, true), (3001, 6, false)", 3001, "4* 6", "4"),
            ("DELETE FROM companies WHERE id = 5", 3000, "", ""), ("DELETE FROM companies WHERE id = 4", 3001, "6", "")):
        database.sql(change)
        expect_equal((database.sql(LINKS.format(who)), database.sql(COLUMN.format(who))), (links, column), f"links and column after {change}")
        expect_equal(database.sql(WRONG), "0", f"wrong rows after {change}")
    database.up("grace")
    expect_equal(database.sql("SELECT count(*) FROM segue.resync"), "0", "changes that are noted still")
    database.segue("finish", "small", "--yes")
    database.sql("""UPDATE contact_companies SET company_id = 99 WHERE contact_id = 6; DELETE FROM contact_companies WHERE contact_id = 7;
        INSERT INTO "Contacts" (id, name) VALUES (4000, 'x'); INSERT INTO contact_companies VALUES (4000, 14, true), (4000, 16, false);""")
    database.approve("new application withdrawn")
    database.segue("restore", "small", "--yes")
    expect_equal(database.sql(f"{COLUMN.format(6)} UNION ALL {COLUMN.format(7)} UNION ALL {COLUMN.format(4000)}"), "99\n\n14", "columns after the restore")
    expect_equal(database.sql(WRONG), "0", "wrong rows after the restore")
    database.down()
    expect_equal(database.catalog(), before, "the catalog after the way back")
    database.sql('UPDATE "Contacts" SET company_id = 33 WHERE id = 4000')
    database.up("grace")
    expect_equal(database.sql(LINKS.format(4000)), "16 33*", "links of before, and what the old application has written since")
    expect_equal(database.sql(LINKS.format(1)), "8 9*", "links that only the new shape can say")
    expect_equal(database.sql(WRONG), "0", "wrong rows after the second run")


@case("junction: applications write both sides at once, and none falls behind")
def at_once(stage):
    database = stage.own(SCHEMA % 3000, MIGRATION)
    together, random = Together(stage), stage.random

    def old():
        who = random.randrange(1, 400)
        return random.choice([f'UPDATE "Contacts" SET company_id = {random.randrange(1, 101)} WHERE id = {who};', f"INSERT INTO \"Contacts\" (company_id) VALUES ({random.randrange(1, 101)});",
                              f'UPDATE "Contacts" SET company_id = NULL WHERE id = {who};', f'DELETE FROM "Contacts" WHERE id = {random.randrange(2000, 3000)};',
                              f'BEGIN; UPDATE "Contacts" SET company_id = {random.randrange(1, 101)} WHERE id = {who}; SELECT pg_sleep(0.03) \\g /dev/null\nCOMMIT;',
                              f'BEGIN; SELECT FROM "Contacts" WHERE id = {who} FOR UPDATE \\g /dev/null\nSELECT pg_sleep(0.03) \\g /dev/null\nCOMMIT;'])

    def new():
        if database.sql("SELECT to_regclass('contact_companies') IS NOT NULL") != "t":
            return "SELECT 1 \\g /dev/null\n"
        who, which = random.randrange(1, 400), random.randrange(1, 101)
        change = random.choice([f"UPDATE contact_companies SET company_id = {which} WHERE contact_id = {who} AND is_main AND NOT EXISTS (SELECT FROM contact_companies WHERE contact_id = {who} AND company_id = {which});",
                                f"DELETE FROM contact_companies WHERE contact_id = {who} AND is_main;",
                                f'INSERT INTO contact_companies SELECT {who}, {which}, false FROM "Contacts" WHERE id = {who} ON CONFLICT DO NOTHING;'])
        return random.choice([change, f"BEGIN; {change} SELECT pg_sleep(0.03) \\g /dev/null\nCOMMIT;"])

    for number in range(3):
        together.repeat(stage.session(database.url, f"old {number}"), old)
    for number in range(2):
        together.repeat(stage.session(database.url, f"new {number}"), new)
    database.up("grace")
    written = int(database.sql('SELECT max(id) FROM "Contacts"'))
    wait_until(lambda: int(database.sql('SELECT max(id) FROM "Contacts"')) > written + 100, "they write in grace, where no segue runs", 60)
    together.stop()
    # Both keep a unique index of links: two at the same one may meet there.
    given_way = [said for said in together.said if "deadlock" in said or "duplicate key" in said]
    others = [said for said in together.said if said not in given_way]
    expect(not others, f"a statement of the application failed: {others[:2]}")
    behind, noted = database.sql(WRONG), database.sql("SELECT count(*) FROM segue.resync")
    database.segue("finish", "small", "--yes")
    links = "SELECT count(*) FROM \"Contacts\" t FULL JOIN (SELECT * FROM contact_companies WHERE is_main) l ON l.contact_id = t.id WHERE t.segue_trash_company_id IS DISTINCT FROM l.company_id"
    expect_equal(database.sql(links), "0", "rows whose column and link differ")
    return f"{len(given_way)} gave way, {behind} rows behind and {noted} changes noted when all went still"
