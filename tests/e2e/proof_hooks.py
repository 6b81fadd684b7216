"""What is told and changed outside of the tables: each real, in order, noted before it is called, taken back."""
import signal

from house import case, expect, expect_equal, wait_until
from outside import HttpPeer, Redis

TABLE = """CREATE TABLE o (id int PRIMARY KEY, kind text); INSERT INTO o SELECT g, 'deal' FROM generate_series(1, 300) g;
CREATE MATERIALIZED VIEW kinds AS SELECT kind, count(*) AS n FROM o GROUP BY kind; CREATE UNIQUE INDEX ON kinds (kind);"""
MIGRATION = """migration: small
about: x
moves:
  - sql: ALTER TABLE o ADD COLUMN colour text
hooks:
{hooks}
"""


def own(stage, hooks, schema=TABLE):
    return stage.own(schema, MIGRATION.format(hooks="".join(f"  - {one}\n" for one in hooks)))


def results(database):
    return database.sql("SELECT string_agg(format('%s %s %s', phase, state, ok), ', ' ORDER BY id) FROM segue.hook_result")


@case("hooks: HTTP, a command, Redis, a view, an index, an environment file and a map, once each and taken back", fast=True)
def all_kinds(stage):
    peer, redis = HttpPeer(stage), Redis(stage)
    for key in ("deal:1", "deal:2", "other:1"):
        redis.say("SET", key, "x")
    database = own(stage, [
        "{ after: switch, map: { table: o, column: kind, from: deal, to: opportunity } }",
        "{ after: switch, refresh: kinds }",
        "{ after: switch, reindex: [o_pkey] }",
        f'{{ after: switch, http: {{ url: "{peer.url}/told?token=secret", method: POST, body: \'{{"rows": ${{SELECT count(*) FROM o}}}}\' }} }}',
        "{ after: switch, command: [sh, -c, 'echo $SEGUE_MIGRATION $SEGUE_BOUNDARY >>said.txt'] }",
        '{ after: switch, redis: { url: "${REDIS_URL}", keys: ["deal:*"] } }',
        "{ before: grace, env: { file: .env, rename: { DEAL_: OPPORTUNITY_ } } }"])
    before = "DEAL_LIMIT=5\nOTHER=1\n"
    (database.project / ".env").write_text(before)
    plain, database.environment = database.environment, lambda **more: plain(REDIS_URL=redis.url, **more)
    start = database.fingerprint()
    said = database.segue("run", "small", "--without-rehearsal", "--yes").text
    expect("secret" not in said and "geheim" not in said, "a secret is shown:\n" + said)
    expect_equal(len(peer.asked), 1, "requests")
    method, path, body, headers = peer.asked[0]
    expect_equal((method, path, body), ("POST", "/told?token=secret", '{"rows": 300}'), "the request")
    expect(headers.get("Idempotency-Key", "").startswith("segue-"), "it has no Idempotency-Key")
    expect_equal((database.project / "said.txt").read_text(), "small after switch\n", "what the command was told")
    expect_equal(redis.say("--raw", "KEYS", "*"), "other:1", "keys that are left")
    expect_equal(database.sql("SELECT kind, n FROM kinds"), "opportunity|300", "the view")
    expect("OPPORTUNITY_LIMIT=5" in (database.project / ".env").read_text(), "the environment file")
    expect_equal(database.sql("SELECT count(*) FROM segue.hook_result WHERE state = 'done' AND ok"), "6", "results")
    expect_equal(database.sql("SELECT count(*) FROM segue.hook_result WHERE hook LIKE '%secret%' OR message LIKE '%geheim%'"), "0", "secrets in the ledger")
    redis.say("SET", "deal:3", "x")
    back = database.down().text
    expect_equal((database.project / ".env").read_text(), before, "the environment file after the way back")
    expect_equal(redis.say("--raw", "KEYS", "*"), "other:1", "keys after the way back")
    expect("not told of the way back" in back, "nobody says that the peer was told:\n" + back)
    expect_equal(database.fingerprint(), start, "catalog and data after the way back")
    database.up()
    expect_equal(len(peer.asked), 2, "requests after the second run")


@case("hooks: one that fails stops, is called again with the same key; what has answered is not", fast=True)
def fails(stage):
    peer, broken = HttpPeer(stage), HttpPeer(stage, 503, "not now")
    database = own(stage, [f'{{ after: switch, http: {{ url: "{peer.url}/first" }} }}',
                           f'{{ after: switch, http: {{ url: "{broken.url}/second" }} }}',
                           f'{{ after: switch, http: {{ url: "{broken.url}/third" }}, on_failure: warn }}'])
    done = database.segue("run", "small", "--without-rehearsal", "--yes", code=5)
    expect("it answered 503: not now" in done.text and "migration.yaml:7" in done.text, done.text)
    expect_equal(results(database), "after switch done t, after switch failed f", "results")
    expect_equal(database.status()["state"], "failed", "the state")
    database.segue("run", "small", "--without-rehearsal", "--yes", code=5)
    broken.status = 200
    real = broken.status
    database.segue("run", "small", "--without-rehearsal", "--yes")
    expect_equal(real, 200, "the peer")
    expect_equal(len(peer.asked), 1, "requests to the first")
    keys = [headers["Idempotency-Key"] for _, path, _, headers in broken.asked if path == "/second"]
    expect_equal((len(keys), len(set(keys))), (3, 1), "requests to the second, and their keys")
    broken.status = 500
    database.down()
    broken.status, done = 200, None
    database.up()


@case("hooks: a command that takes its time ends with Ctrl-C, with everything that it started")
def interrupted(stage):
    database = own(stage, ["{ after: switch, command: [sh, -c, 'echo x >begun; sleep 600 & wait'] }"])
    run = database.start("run", "small", "--without-rehearsal", "--yes")
    wait_until(lambda: (database.project / "begun").exists(), "the command has begun")
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=30)
    expect_equal(run.returncode, 4, "the exit code after Ctrl-C")
    expect_equal(database.sql("SELECT state FROM segue.hook_result"), "failed", "its result")


@case("hooks: kill -9 while a peer is told: it is told again, and only it", fast=True)
def killed(stage):
    first = HttpPeer(stage)
    database = own(stage, [f'{{ after: switch, http: {{ url: "{first.url}/a" }} }}',
                           "{ after: switch, command: [sh, -c, 'echo x >>begun; test -e go || sleep 600'] }"])
    run = database.start("run", "small", "--without-rehearsal", "--yes")
    wait_until(lambda: (database.project / "begun").exists(), "the command has begun")
    run.kill()
    run.wait()
    (database.project / "go").write_text("")
    expect_equal(database.sql("SELECT state FROM segue.hook_result ORDER BY id DESC LIMIT 1"), "begun", "what the ledger says")
    database.up()
    expect_equal(len(first.asked), 1, "requests to the peer that had answered")
    expect_equal((database.project / "begun").read_text(), "x\nx\n", "calls of the command")


@case("hooks: what cannot be is said before anything runs", fast=True)
def refused(stage):
    plain = "CREATE TABLE o (id int PRIMARY KEY, kind text); INSERT INTO o VALUES (1, 'opportunity'); CREATE MATERIALIZED VIEW v AS SELECT * FROM o"
    for hook, code in (("refresh: v", "refresh-blocks-readers"), ("refresh: o", "no-materialized-view"),
                       ("map: { table: o, column: kind, from: deal, to: opportunity }", "value-is-there"),
                       ("map: { table: o, column: id, from: 1, to: x }", "value-does-not-fit"),
                       ("map: { table: o, column: what, from: 1, to: x }", "no-such-column"),
                       ('redis: { url: "redis://h", keys: ["*"] }', "")):
        database = own(stage, [f"{{ after: switch, {hook} }}"], plain)
        found = database.segue("plan", "small", "--json", code=1).json()["findings"]
        expect(any(one["code"] == code or not code for one in found), f"{hook}: {found}")


@case("hooks: a health check and a command are gates; what they answer is told", fast=True)
def gates(stage):
    peer = HttpPeer(stage, 503, "still starting")
    database = own(stage, [])
    file = next(database.project.glob("migrations/*/migration.yaml"))
    file.write_text(file.read_text().replace("hooks:\n", "gates:\n"
                    f'  - {{ before: switch, health: "{peer.url}/health" }}\n'
                    "  - { before: grace, name: word, command: [sh, -c, 'cat word; test -e word'] }\n"))
    done = database.segue("run", "small", "--without-rehearsal", "--yes", code=3)
    expect("it answered 503: still starting" in done.text, done.text)
    peer.status = 204
    done = database.segue("run", "small", "--without-rehearsal", "--yes", code=3)
    expect("cat: word" in done.text and "ended with 1" in done.text, done.text)
    (database.project / "word").write_text("yes")
    database.segue("run", "small", "--without-rehearsal", "--yes")
