"""What `run` looks at before its first step, and `doctor` at any time: each condition made true on a real server."""
import os
import subprocess
import time

import house
from house import LeftOut, case, expect, expect_equal, psql, wait_until, sandbox
from proof_server_stop import Cluster, free_port

SCHEMA = """CREATE TABLE users (id int PRIMARY KEY, name text);
            INSERT INTO users SELECT g, 'u' || g FROM generate_series(1, 500) g; ANALYZE users;"""
DERIVED = """migration: small
about: A new column.
moves:
  - sql: ALTER TABLE users ADD COLUMN shout text;
  - backfill: { table: users, set: { shout: "upper(name)" }, keep_in_sync: derive }
"""
REFERS = """migration: small
about: A table that refers to another.
moves:
  - sql: CREATE TABLE notes (id int PRIMARY KEY, user_id int);
  - sql: ALTER TABLE notes ADD CONSTRAINT notes_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
"""
RUN = ["--without-rehearsal", "--yes", "--to", "prepare"]


def findings(database, everything=False):
    """What doctor says, by name."""
    answer = database.segue("doctor", "--json", code=None)
    expect(answer.code in (0, 1), f"doctor ended with {answer.code}: {answer.text}")
    found = {one["name"]: one for one in answer.json()}
    expect_equal(answer.code, 0 if all(one["ok"] for one in found.values()) else 1, "doctor's exit code")
    return found


def expect_finding(database, name, *words):
    one = findings(database)[name]
    expect(not one["ok"], f"doctor finds nothing wrong with '{name}': {one['message']}")
    for word in words:
        expect(word in one["message"], f"'{name}' does not say '{word}': {one['message']}")
    expect(one["fix"], f"'{name}' does not say what to do")


def kept(database, name):
    """What the newest preflight has left in the ledger: t|message."""
    row = database.sql(f"SELECT ok, message FROM segue.preflight_result WHERE name = '{name}' ORDER BY id DESC LIMIT 1")
    expect(row, f"the ledger has no '{name}'")
    return row


def expect_warning(database, name, *words):
    """The run goes on and says it."""
    answer = database.segue("run", database.migration, *RUN)
    for word in (name, *words):
        expect(word in answer.text, f"`{answer.command}` does not say '{word}': {answer.text.strip()}")
    row = kept(database, name)
    expect(row.startswith("f|"), f"the ledger says: {row}")


def expect_stop(database, name, *words, seconds=60):
    """Nothing was changed, and it says what to do."""
    answer = database.segue("run", database.migration, *RUN, code=2, seconds=seconds)
    for word in (name, *words):
        expect(word in answer.text, f"`{answer.command}` does not say '{word}': {answer.text.strip()}")
    expect_equal(database.sql("SELECT count(*) FROM pg_attribute WHERE attname = 'shout'"), "0", "a column that it made")


def as_role(database, role, rights=""):
    """The same database as a role without any right on the server. It owns the tables, or what `rights` says."""
    name = database.url.rsplit("/", 1)[1]
    database.sql(f"""DO $$ BEGIN CREATE ROLE {role} LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN END $$;
        GRANT CREATE ON DATABASE "{name}" TO {role}; {rights}""")
    admin = database.url
    database.stage.at_end(lambda: psql(admin, f"DROP OWNED BY {role} CASCADE; DROP ROLE IF EXISTS {role}", may_fail=True))
    database.url = f"postgresql://{role}:x@{admin.split('@', 1)[1]}"
    return admin


def on_cluster(stage, migration=DERIVED, **settings):
    cluster = Cluster(stage)
    with open(cluster.data / "postgresql.conf", "a", encoding="utf8") as conf:
        conf.write("".join(f"{key} = {value}\n" for key, value in settings.items()))
    cluster.run("pg_ctl", "-D", cluster.data, "-m", "fast", "-w", "stop")
    cluster.start()
    database = stage.own("SELECT 1", migration)
    psql(cluster.url("postgres"), "CREATE DATABASE shop")
    database.url = cluster.url("shop")
    database.sql(SCHEMA)
    return cluster, database


@case("preflight: a healthy database passes, and everything is in the ledger", fast=True)
def healthy(stage):
    database = stage.own(SCHEMA, DERIVED)
    answer = database.segue("run", database.migration, *RUN)
    expect("✗" not in answer.text, f"it finds something wrong: {answer.text}")
    expect_equal(database.sql("SELECT name, message FROM segue.preflight_result WHERE NOT ok"), "", "what is not ok")
    expect(int(database.sql("SELECT count(*) FROM segue.preflight_result")) > 30, "the ledger holds few answers")
    expect("free in" in kept(database, "room on the disk"), "the free space is not told")


@case("preflight: who is in the way is a warning, never a stop", fast=True)
def in_the_way(stage):
    database = stage.own(SCHEMA + "CREATE TABLE twice (i int); INSERT INTO users VALUES (0, 'u1')", DERIVED)
    database.sql("CREATE UNIQUE INDEX CONCURRENTLY broken ON users ((left(name, 1)))", may_fail=True)
    idle = stage.session(database.url, "forgetful")
    idle.ask("BEGIN; SELECT count(*) FROM users;")
    database.sql("BEGIN; INSERT INTO users VALUES (-1, 'x'); PREPARE TRANSACTION 'left_open'")
    stage.at_end(lambda: database.sql("ROLLBACK PREPARED 'left_open'", may_fail=True))
    wait_until(lambda: database.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'forgetful' AND "
                                    "clock_timestamp() - state_change > interval '6 s'") == "1", "it is idle for 6 s")
    expect_warning(database, "indexes", "broken")
    expect("'left_open' of postgres" in kept(database, "prepared transactions"), "the prepared transaction is not named")
    expect("locks on users" in kept(database, "prepared transactions"), kept(database, "prepared transactions"))
    expect("forgetful" in kept(database, "idle in transaction"), "the idle session is not named")
    expect_finding(database, "idle in transaction", "forgetful", "users")
    expect_finding(database, "prepared transactions", "left_open")
    expect_finding(database, "indexes", "broken")


@case("preflight: a lock on a table does not hold it up", fast=True)
def locked(stage):
    database = stage.own(SCHEMA + "CREATE TABLE never_analysed (i int)", DERIVED)
    owner = stage.session(database.url, "owner")
    owner.ask("BEGIN; LOCK TABLE users, never_analysed IN ACCESS EXCLUSIVE MODE;")
    database.segue("doctor", code=None, seconds=10)


@case("preflight: rights that are missing stop it before anything is made", fast=True)
def rights(stage):
    database = stage.own(SCHEMA, DERIVED)
    admin = as_role(database, "e2e_preflight", "ALTER TABLE users OWNER TO e2e_preflight; REVOKE CREATE ON SCHEMA public "
                    "FROM PUBLIC")
    expect_finding(database, "new objects", "public")
    expect_stop(database, "new objects", "public", "GRANT CREATE")
    psql(admin, "GRANT CREATE ON SCHEMA public TO e2e_preflight; ALTER TABLE users ENABLE ROW LEVEL SECURITY; ALTER "
         "TABLE users FORCE ROW LEVEL SECURITY")
    expect_finding(database, "row level security", "users")
    answer = database.segue("run", database.migration, *RUN, code=None)
    expect(answer.code in (1, 2), f"policies hide rows, and run ended with {answer.code}")
    expect("row level security" in answer.text or "policies" in answer.text, answer.text)
    psql(admin, "ALTER TABLE users NO FORCE ROW LEVEL SECURITY; ALTER TABLE users DISABLE ROW LEVEL SECURITY")
    database.segue("run", database.migration, *RUN)


@case("preflight: the right to refer to a table", fast=True)
def references(stage):
    database = stage.own(SCHEMA, REFERS)
    admin = as_role(database, "e2e_refers", "GRANT CREATE ON SCHEMA public TO e2e_refers; GRANT SELECT ON users TO e2e_refers")
    answer = database.segue("run", database.migration, *RUN, code=2)
    expect("foreign keys" in answer.text and "GRANT REFERENCES" in answer.text, answer.text)
    psql(admin, "GRANT REFERENCES ON users TO e2e_refers")
    database.segue("run", database.migration, *RUN)


@case("preflight: what a poor role cannot read is named and stops nothing", fast=True)
def unread(stage):
    database = stage.own(SCHEMA, DERIVED)
    admin = as_role(database, "e2e_poor_reader", "ALTER TABLE users OWNER TO e2e_poor_reader; GRANT CREATE ON SCHEMA public TO "
            "e2e_poor_reader")
    stage.session(admin, "somebody else").ask("BEGIN; SELECT count(*) FROM users;")
    database.segue("run", database.migration, *RUN)
    for name in ("WAL", "long transactions", "room on the disk", "vacuum against wraparound", "statements with a star"):
        row = kept(database, name)
        expect(row.startswith("t|could not be read: "), f"'{name}': {row}")
    shown = database.segue("doctor", code=None).text
    expect("?    WAL" in shown, f"doctor does not mark what it could not read: {shown}")


@case("preflight: settings of the user", fast=True)
def settings(stage):
    database = stage.own(SCHEMA, DERIVED)
    name = database.url.rsplit("/", 1)[1]
    database.sql(f"""ALTER DATABASE "{name}" SET statement_timeout = '2s';
                     ALTER DATABASE "{name}" SET default_transaction_read_only = on""")
    expect("statement_timeout" not in database.segue("doctor").text, "what is harmless is told unasked")
    shown = database.segue("doctor", "-v").text
    expect("statement_timeout=2s" in shown and "default_transaction_read_only=on" in shown, shown)
    database.segue("run", database.migration, *RUN)
    psql(database.url, f"""SET default_transaction_read_only = off; ALTER DATABASE "{name}" RESET ALL;
                           ALTER DATABASE "{name}" SET idle_session_timeout = '1h'""")
    expect_finding(database, "settings", "idle_session_timeout")
    database.sql(f"""ALTER DATABASE "{name}" RESET ALL; ALTER DATABASE "{name}" SET session_replication_role = replica""")
    expect_finding(database, "replica sessions", "everybody")
    if int(database.sql("SHOW server_version_num")) >= 170000:
        database.sql(f"""ALTER DATABASE "{name}" RESET ALL; ALTER DATABASE "{name}" SET transaction_timeout = '1h'""")
        expect_finding(database, "settings", "transaction_timeout")


@case("preflight: few connections are left", fast=True)
def connections(stage):
    database = stage.own(SCHEMA, DERIVED)
    admin = as_role(database, "e2e_few", "ALTER TABLE users OWNER TO e2e_few")
    psql(admin, "ALTER ROLE e2e_few CONNECTION LIMIT 5")
    expect_finding(database, "connections", "4 of")


@case("preflight: a disk without room for what the plan writes", fast=True)
def disk(stage):
    database = stage.own(SCHEMA, DERIVED)
    database.sql("UPDATE pg_class SET relpages = 2000000000 WHERE relname = 'users'")
    expect_stop(database, "room on the disk", "filling public.users", "are free in")


@case("preflight: the ledger of another database", fast=True)
def copied(stage):
    database = stage.own(SCHEMA, DERIVED)
    database.segue("run", database.migration, *RUN)
    wait_until(lambda: psql(house.sandbox(None).admin_url, "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                            f"'{database.url.rsplit('/', 1)[1]}'") == "0", "nobody is connected")
    copy = stage.own_copy(database)
    expect_finding(copy, "ledger", "this is a copy")
    copy.sql("UPDATE segue.migration_history SET completed = ''")
    expect_stop(copy, "ledger", "this is a copy", "DROP SCHEMA segue CASCADE")
    copy.sql("DROP SCHEMA segue CASCADE")
    copy.segue("run", copy.migration, *RUN)
    expect(findings(copy)["ledger"]["ok"], "its own ledger is another's")


@case("preflight: the plan is not the one that was approved", fast=True)
def approved(stage):
    database = stage.own(SCHEMA, DERIVED)
    database.segue("run", database.migration, *RUN)
    database.segue("approve", database.migration, "plan", "--as", "DBA")
    database.segue("rollback", database.migration, "--yes")
    database.segue("run", database.migration, *RUN)
    expect(kept(database, "approved plan").startswith("t|"), kept(database, "approved plan"))
    database.segue("rollback", database.migration, "--yes")
    file = next(database.project.glob("migrations/*/migration.yaml"))
    file.write_text(file.read_text().replace("upper(name)", "upper(name) || '!'"))
    expect_warning(database, "approved plan", "as DBA approved", "has changed since")


@case("preflight: statements that take the columns as they come", fast=True)
def stars(stage):
    # Emptied, because hundreds of other cases have filled it, and what was called once would be thrown away.
    psql(sandbox(None).admin_url, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()", may_fail=True)
    database = stage.own(SCHEMA + """CREATE TABLE other (id int);
        CREATE FUNCTION everybody() RETURNS SETOF users LANGUAGE sql AS 'SELECT * FROM users';""", DERIVED)
    problem = database.sql("CREATE EXTENSION pg_stat_statements; SELECT count(*) FROM pg_stat_statements", may_fail=True)
    if not problem.isdigit():
        raise LeftOut("pg_stat_statements cannot be had here")
    database.sql("SELECT * FROM users WHERE id = 1; SELECT count(*) FROM users; SELECT * FROM other; INSERT INTO users "
                 "(id) VALUES (9999) RETURNING *; SELECT id FROM (SELECT * FROM users) s WHERE id = 1;")
    expect_warning(database, "statements with a star", "4 take", "INSERT INTO users SELECT", "by postgres, 1 calls: SELECT * FROM users WHERE id",
                   "RETURNING *", "everybody()")


@case("preflight: subscribers, and a subscription that writes to the plan's table")
def logical(stage):
    _, database = on_cluster(stage, wal_level="logical")
    psql(database.url.replace("/shop", "/postgres"), "CREATE DATABASE source")
    source = database.url.replace("/shop", "/source")
    psql(source, SCHEMA + "CREATE PUBLICATION users_out FOR TABLE users")
    psql(source, "SELECT pg_create_logical_replication_slot('feed', 'pgoutput')")
    host = f"host=127.0.0.1 port={source.split(':')[2].split('/')[0]} user=postgres dbname=source"
    database.sql(f"CREATE SUBSCRIPTION feed CONNECTION '{host}' PUBLICATION users_out WITH (create_slot = false, slot_name "
                 "= 'feed', copy_data = false)")
    expect_stop(database, "subscriptions", "users by feed", "DISABLE")
    database.sql("ALTER SUBSCRIPTION feed DISABLE")
    expect_warning(database, "subscriptions", "users by feed (disabled)")
    database.sql("ALTER SUBSCRIPTION feed SET (slot_name = NONE); DROP SUBSCRIPTION feed")
    database.sql("CREATE PUBLICATION mine FOR TABLE users; SELECT pg_create_logical_replication_slot('cdc', 'pgoutput')")
    database.segue("rollback", database.migration, "--yes")
    expect_warning(database, "logical subscribers", "cdc", "mine")
    expect("2 of them inactive" in kept(database, "replication slots"), kept(database, "replication slots"))
    expect_finding(database, "replication slots", "cdc", "WAL kept")


@case("preflight: no commit comes back where a synchronous standby is missing")
def synchronous(stage):
    _, database = on_cluster(stage)
    psql(database.url, "ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (far_away)'")
    psql(database.url, "SELECT pg_reload_conf()")
    wait_until(lambda: "far_away" in database.sql("SHOW synchronous_standby_names"), "the setting is there")
    expect_finding(database, "synchronous standby", "far_away", "for ever")
    expect_stop(database, "synchronous standby", "far_away", seconds=20)


@case("preflight: a standby is named with its lag")
def standby(stage):
    cluster, database = on_cluster(stage)
    folder = cluster.folder / "standby"
    tool = next((path for path in [cluster.programs / "pg_basebackup"] if os.access(path, os.X_OK)), None)
    if not tool:
        raise LeftOut("there is no pg_basebackup beside the server")
    cluster.run("pg_basebackup", "-d", cluster.url("postgres") + "?application_name=far_away", "-D", folder, "-R", "-c", "fast")
    port = free_port()
    with open(folder / "postgresql.conf", "a", encoding="utf8") as conf:
        conf.write(f"port = {port}\n")
    cluster.run("pg_ctl", "-D", folder, "-l", cluster.folder / "standby.log", "-w", "start")
    stage.at_end(lambda: cluster.run("pg_ctl", "-D", folder, "-m", "immediate", "stop", check=False))
    wait_until(lambda: database.sql("SELECT state FROM pg_stat_replication") == "streaming", "the standby streams")
    name = database.sql("SELECT application_name FROM pg_stat_replication")
    there = f"postgresql://postgres@127.0.0.1:{port}/shop"
    psql(there, "SELECT pg_wal_replay_pause()")
    database.sql("INSERT INTO users SELECT g, 'x' FROM generate_series(10000, 30000) g")
    wait_until(lambda: database.sql("SELECT sent_lsn - replay_lsn > 1000000 FROM pg_stat_replication") == "t", "it is late")
    message = findings(database)["standbys"]["message"]
    expect(name in message and "MB" in message and "wait for the replay" in message, message)
    psql(there, "SELECT pg_wal_replay_resume()")
    psql(database.url, f"ALTER SYSTEM SET synchronous_standby_names = '\"{name}\"'")
    psql(database.url, "SELECT pg_reload_conf()")
    wait_until(lambda: database.sql("SELECT sync_state FROM pg_stat_replication") == "sync", "it is synchronous")
    expect(findings(database)["synchronous standby"]["ok"], "a synchronous standby that is there is found wrong")
    database.url, primary = there, database.url
    expect_finding(database, "primary server", "standby")
    database.url = primary


@case("preflight: WAL that is not archived")
def archiver(stage):
    _, database = on_cluster(stage, archive_mode="on", archive_command="'false'")
    database.sql("SELECT pg_switch_wal()")
    wait_until(lambda: database.sql("SELECT failed_count > 0 FROM pg_stat_archiver") == "t", "archiving fails")
    expect_finding(database, "archiver", "archiving fails since")
    expect_warning(database, "archiver", "archiving fails since")


@case("preflight: a vacuum against wraparound is waited for")
def wraparound(stage):
    _, database = on_cluster(stage, autovacuum_naptime="1s", autovacuum_freeze_max_age="100000")
    holder = stage.session(database.url, "holder")
    holder.ask("BEGIN; LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE;")
    database.sql("DO $$ BEGIN FOR i IN 1..101000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$")
    wait_until(lambda: database.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%VACUUM%public.users (to "
                                    "prevent wraparound)%' AND query LIKE 'autovacuum%'") == "1", "it is at work", 60)
    expect_finding(database, "vacuum against wraparound", "public.users", "does not give way")
    expect_warning(database, "vacuum against wraparound", "public.users")


@case("preflight: a thousand tables are looked at within half a second")
def thousand(stage):
    database = stage.own(SCHEMA + "DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, "
                         "a int UNIQUE, b int REFERENCES users)', i); END LOOP; END $$", DERIVED)
    least = 9
    for _ in range(5):
        started = time.monotonic()
        subprocess.run(database.command("doctor", "--json"), env=database.environment(), check=False, capture_output=True)
        least = min(least, time.monotonic() - started)
    expect(least < 0.5, f"it took {least:.2f} s")
    return f"doctor took {least * 1000:.0f} ms, connecting included"
