"""No trigger keeps the column (keep_in_sync: no), and what is carried moves about: every row that was there gets its value."""
from house import case, expect, expect_equal
from proof_backfill import RUN, carried
from proof_backfill_locks import MIGRATION as SLOW, Together

ROWS, HOT = 20000, 200
SCHEMA = f"""CREATE TABLE w (id bigserial PRIMARY KEY, title text NOT NULL, amount int NOT NULL, pad text DEFAULT repeat('x', 150));
INSERT INTO w (title, amount) SELECT 'order ' || g, g % 977 FROM generate_series(1, {ROWS}) g; CREATE INDEX w_pad ON w (pad); ANALYZE w;"""
MIGRATION = SLOW.replace("keep_in_sync: derive", "keep_in_sync: no")


@case("backfill hard: kept in sync by nobody, while some rows move from page to page all the time")
def moving(stage):
    database = stage.own(SCHEMA, MIGRATION)
    database.up("expand")
    # Room everywhere, so that a new version of a row can land anywhere.
    database.sql("DELETE FROM w WHERE id % 10 = 0; VACUUM w;")
    rows, random = int(database.sql("SELECT count(*) FROM w")), stage.random
    hot = ", ".join(str(one) for one in random.sample([n for n in range(1, ROWS) if n % 10], HOT))
    together = Together(stage)

    def moves():
        some = f"SELECT id FROM w WHERE id IN ({hot}) ORDER BY random() LIMIT 20 FOR UPDATE SKIP LOCKED"
        return f"UPDATE w SET pad = repeat('y', {random.randrange(50, 800)}) WHERE id = ANY (ARRAY({some}));{random.choice(['', '', 'VACUUM w;'])}"

    for number in range(2):
        together.repeat(stage.session(database.url, f"application {number}"), moves)
    process = database.start(*RUN)
    err = process.communicate(timeout=100)[1]
    together.stop()
    expect_equal(process.returncode, 0, f"the exit code ({err[-400:]})")
    expect(not together.said, f"a statement of the application failed: {together.said[:3]}")
    expect_equal(database.sql("SELECT count(*) FROM w WHERE total IS DISTINCT FROM amount * 2 + length(title)"), "0", "rows without their value")
    return f"{carried(database)} of {rows} rows"
