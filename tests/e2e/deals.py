"""A small system for renames and conversions: deals become opportunities, a stage gets a type and a name of its own."""
from house import LeftOut

SCHEMA = """CREATE TABLE deals (id serial PRIMARY KEY, stage text NOT NULL DEFAULT 'new' CHECK (stage <> ''),
  name text NOT NULL, amount numeric, note text UNIQUE);
CREATE INDEX deals_amount_idx ON deals (amount);
CREATE TABLE lines (id serial PRIMARY KEY, deal_id int NOT NULL REFERENCES deals ON DELETE CASCADE, what text);
ALTER TABLE deals ENABLE ROW LEVEL SECURITY;
INSERT INTO deals (stage, name, amount, note) SELECT (ARRAY['new','offer','won'])[1 + g %% 3], 'deal ' || g, g, 'n' || g
  FROM generate_series(1, %d) g;
INSERT INTO lines (deal_id, what) SELECT id, 'x' FROM deals;
ANALYZE deals;
"""
MIGRATION = """migration: small
about: Deals become opportunities.
moves:
  - rename: { table: deals, to: opportunities }
  - convert: { table: deals, column: stage, to: opportunity_stage, as: stage_kind, labels: [lead, proposal, closed_won],
               mapping: { new: lead, offer: proposal, won: closed_won } }
  - rename: { table: deals, column: name, to: title }
windows: { grace: 0s, trash: 0s }
limits: { lock_deadline: 20s }
"""

OLD = """traffic: old
about: The application of before.
pools:
  deal: SELECT id FROM deals ORDER BY id LIMIT 400
statements:
  - { name: list, weight: 20, sql: "SELECT id, stage, name, amount FROM deals WHERE amount BETWEEN $1 AND $1 + 20", params: [{ int: 1..300 }] }
  - { name: grouped, weight: 2, sql: "SELECT d.*, count(l.id) FROM (SELECT id, name FROM deals) d LEFT JOIN lines l ON l.deal_id = d.id WHERE d.id = $1 GROUP BY d.id, d.name", params: [{ pool: deal }] }
  - { name: key, weight: 2, sql: "SELECT deals.id, deals.name, count(*) FROM deals JOIN lines ON deal_id = deals.id WHERE deals.id < $1 GROUP BY deals.id", params: [{ int: 1..50 }] }
  - name: add
    weight: 6
    sql: INSERT INTO deals (stage, name, note) VALUES ($1, $2, $3) ON CONFLICT ON CONSTRAINT deals_note_key DO UPDATE SET name = excluded.name RETURNING id
    params: [{ choice: [new, offer, won] }, { text: 8..20 }, { serial: "o{run}-{n}" }]
    rows: 1
    journal: { table: deals, kind: insert, key: { id: returned.id }, set: { stage: $1, name: $2 } }
  - name: move
    weight: 12
    sql: UPDATE deals SET stage = $1 WHERE id = $2 RETURNING id
    params: [{ choice: [new, offer, won] }, { pool: deal, own: true }]
    rows: 1
    journal: { table: deals, kind: update, key: { id: $2 }, set: { stage: $1 } }
  - { name: lock, weight: 2, sql: "SELECT id FROM deals WHERE id = $1 FOR UPDATE", params: [{ pool: deal }] }
checks:
  deals: SELECT stage, name FROM deals WHERE id = $1
"""
NEW = """traffic: new
about: The application of after.
pools:
  deal: SELECT id FROM opportunities ORDER BY id LIMIT 400 OFFSET 5000
statements:
  - { name: list, weight: 20, sql: "SELECT id, stage_kind, title, amount FROM opportunities WHERE amount BETWEEN $1 AND $1 + 20", params: [{ int: 1..300 }] }
  - name: add
    weight: 6
    sql: INSERT INTO opportunities (stage_kind, title, note) VALUES ($1, $2, $3) ON CONFLICT (note) DO UPDATE SET title = excluded.title RETURNING id
    params: [{ choice: [lead, proposal, closed_won] }, { text: 8..20 }, { serial: "n{run}-{n}" }]
    rows: 1
    journal: { table: opportunities, kind: insert, key: { id: returned.id }, set: { stage: $1, name: $2 } }
  - name: move
    weight: 12
    sql: UPDATE opportunities o SET stage_kind = $1 FROM lines l WHERE o.id = $2 AND (l.deal_id = o.id OR true) AND l.id = 1 RETURNING o.id
    params: [{ choice: [lead, proposal, closed_won] }, { pool: deal, own: true }]
    rows: 1
    journal: { table: opportunities, kind: update, key: { id: $2 }, set: { stage: $1 } }
  - { name: lock, weight: 2, sql: "SELECT id FROM opportunities WHERE id = $1 FOR UPDATE", params: [{ pool: deal }] }
  - { name: drop, weight: 1, sql: "DELETE FROM opportunities o USING lines l WHERE l.deal_id = o.id AND o.id = $1", params: [{ int: 100000000..100000001 }] }
checks:
  opportunities: SELECT stage_kind AS stage, title AS name FROM opportunities WHERE id = $1
"""


def own(stage, rows=2000, migration=MIGRATION, pg_bin=None):
    return stage.own(SCHEMA % rows, migration, files={"old.traffic.yaml": OLD, "new.traffic.yaml": NEW}, pg_bin=pg_bin)


def traffic(database, which):
    return next(database.project.glob(f"migrations/*/{which}.traffic.yaml"))


def modern(database):
    if int(database.sql("SHOW server_version_num")) < 150000:
        raise LeftOut("renames of tables need 15")
    return database
