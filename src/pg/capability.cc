#include "pg/capability.h"

#include <fmt/format.h>

namespace segue::pg {
namespace {

constexpr int oldest_version = 140000;

// A question whose answer is one row: ok, message. $1 is what the client knows, where the question needs it.
struct Question {
  const char* name;
  const char* sql;
  const char* fix;
};

constexpr Question questions[] = {
    {"server version",
     "SELECT v >= 140000 AND v NOT BETWEEN 140000 AND 140003, 'PostgreSQL ' || current_setting('server_version') "
     "FROM (SELECT current_setting('server_version_num')::int AS v) s",
     "segue needs 14 or newer, and not 14.0 to 14.3, whose CREATE INDEX CONCURRENTLY can corrupt an index"},
    {"direct connection",
     "SELECT pg_backend_pid() = $1::int, CASE WHEN pg_backend_pid() = $1::int THEN 'the session is our own' "
     "ELSE 'a proxy stands between: the server process is not the one that answered at connect' END",
     "connect to the server itself, or to a proxy in session mode with --proxy-is-session"},
    {"primary server",
     "SELECT NOT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN 'this is a standby and cannot be written to' "
     "ELSE 'this server can be written to' END",
     "connect to the primary"},
    {"encoding",
     "SELECT e IN ('UTF8', 'SQL_ASCII'), 'the database is in ' || e FROM current_setting('server_encoding') e",
     "segue speaks UTF-8; names and values that it cannot say are refused by the server"},
    {"schema for the ledger",
     "SELECT has_database_privilege(current_database(), 'CREATE') OR to_regnamespace('segue') IS NOT NULL, "
     "CASE WHEN to_regnamespace('segue') IS NOT NULL THEN 'schema segue is there' WHEN "
     "has_database_privilege(current_database(), 'CREATE') THEN current_user || ' may make the schema segue' ELSE "
     "current_user || ' may not create schemas in this database' END",
     "GRANT CREATE ON DATABASE … TO the user, or have its owner make the schema segue for it"},
    {"tables can be changed",
     "SELECT count(*) FILTER (WHERE NOT mine) = 0, CASE WHEN count(*) FILTER (WHERE NOT mine) = 0 THEN 'the user has "
     "the "
     "rights of the owner of all ' || count(*) || ' tables' ELSE count(*) FILTER (WHERE NOT mine) || ' of ' || "
     "count(*) "
     "|| ' tables belong to others: ' || string_agg(DISTINCT owner, ', ') FILTER (WHERE NOT mine) END FROM (SELECT "
     "pg_has_role(relowner, 'USAGE') AS mine, pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relkind IN ('r', "
     "'p') AND relnamespace::regnamespace::text !~ '^pg_|^information_schema$') t",
     "ALTER TABLE needs the owner: run as the owner, or GRANT the owner's role to this user"},
    {"prepared transactions",
     "SELECT count(*) = 0, CASE WHEN count(*) = 0 THEN 'none is left open' ELSE count(*) || ' left open, the oldest "
     "since ' || min(prepared)::timestamp(0) END FROM pg_prepared_xacts WHERE database = current_database()",
     "COMMIT PREPARED or ROLLBACK PREPARED them: they hold their locks until then"},
    {"long transactions",
     "SELECT count(*) = 0, CASE WHEN count(*) = 0 THEN 'none is older than five minutes' ELSE count(*) || ' older than "
     "five minutes: pid ' || string_agg(pid::text, ', ') END FROM pg_stat_activity WHERE datname = current_database() "
     "AND xact_start < now() - interval '5 minutes' AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
     "let them end: locks wait for them, and CREATE INDEX CONCURRENTLY too"},
    {"indexes",
     "SELECT count(*) = 0, CASE WHEN count(*) = 0 THEN 'all are valid' ELSE 'invalid: ' || "
     "string_agg(indexrelid::regclass::text, ', ' ORDER BY indexrelid) END FROM pg_index WHERE NOT indisvalid AND "
     "NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = indexrelid)",
     "DROP INDEX CONCURRENTLY, or REINDEX INDEX CONCURRENTLY"},
    {"wraparound",
     "SELECT age < 1500000000, 'the oldest transaction id is ' || age || ' old' FROM (SELECT age(datfrozenxid) FROM "
     "pg_database WHERE datname = current_database()) d",
     "VACUUM the oldest tables first: the server stops at two thousand million"},
    {"replication slots",
     "SELECT count(*) FILTER (WHERE NOT active) = 0, CASE WHEN count(*) = 0 THEN 'there are none' ELSE count(*) || "
     "', ' || count(*) FILTER (WHERE NOT active) || ' of them inactive; WAL kept: ' || "
     "coalesce(pg_size_pretty(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))), '0 bytes') END "
     "FROM pg_replication_slots",
     "an inactive slot keeps WAL until the disk is full: drop it or bring its reader back"},
    // From here on: capabilities with a fallback.
    {"logical subscribers",
     "SELECT true, CASE WHEN count(*) = 0 THEN 'no logical slot: nobody follows the changes' ELSE count(*) || ' "
     "logical "
     "slots: new columns and names reach their readers, each migration has a gate for them' END "
     "FROM pg_replication_slots WHERE slot_type = 'logical'",
     ""},
    {"standbys",
     "SELECT true, CASE WHEN count(*) = 0 THEN 'none, or not visible to this user' ELSE count(*) || ' connected: reads "
     "there wait for the replay of strong locks' END FROM pg_stat_replication",
     ""},
    {"deadlock_timeout",
     "SELECT true, CASE WHEN rolsuper THEN 'can be set: autovacuum gives way at once' ELSE 'cannot be set by this "
     "user: "
     "segue waits for a running autovacuum instead of making it give way' END FROM pg_roles WHERE rolname = "
     "current_user",
     ""},
    {"event triggers",
     "SELECT true, CASE WHEN rolsuper THEN 'can be made' ELSE 'not for this user: changes by others are seen by "
     "comparing "
     "catalogs' END FROM pg_roles WHERE rolname = current_user",
     ""},
    {"recorded statements",
     "SELECT true, CASE WHEN to_regclass('pg_stat_statements') IS NULL AND NOT EXISTS (SELECT FROM pg_extension WHERE "
     "extname = 'pg_stat_statements') THEN 'pg_stat_statements is not installed: usage of the old shape is known only "
     "from "
     "triggers' WHEN NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') THEN 'pg_stat_statements is there; "
     "statements of other users are hidden from this one' ELSE 'pg_stat_statements is there and can be read' END",
     ""},
    {"other sessions",
     "SELECT true, CASE WHEN pg_has_role(current_user, 'pg_signal_backend', 'USAGE') THEN 'blockers can be seen and, "
     "if "
     "asked, cancelled' WHEN pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') THEN 'blockers can be seen' ELSE "
     "'blockers are seen by pid only: their statements need pg_read_all_stats' END",
     ""},
    {"scratch databases",
     "SELECT true, CASE WHEN rolcreatedb OR rolsuper THEN 'can be made on this server' ELSE 'not on this server: "
     "rehearsals use an embedded one' END FROM pg_roles WHERE rolname = current_user",
     ""},
    {"replica role",
     "SELECT true, CASE WHEN rolsuper THEN 'can be set' ELSE 'cannot be set: user triggers fire unless a WHEN clause "
     "stops them' END FROM pg_roles WHERE rolname = current_user",
     ""},
};

// A question that hinders nothing, or that this user has no right to ask, is no finding; any other must be answered.
Capability unread(const Question& question, const Result<Rows>& answer) {
  const bool harmless = question.fix[0] == '\0' || (!answer && answer.error().sqlstate == "42501");
  return {question.name, harmless, fmt::format("could not be read: {}", answer ? "no answer" : answer.error().message),
          harmless ? "" : "mend what hinders the question, then ask again"};
}

}  // namespace

Result<std::vector<Capability>> capabilities(Connection& connection) {
  std::vector<Capability> found;
  for (const auto& question : questions) {
    const bool asks_client = std::string_view(question.sql).find("$1") != std::string_view::npos;
    const auto answer = connection.query(question.sql, asks_client ? Params{connection.backend_pid()} : Params{});
    if (connection.lost()) return tl::unexpected(answer.error());
    if (!answer || answer->empty()) {
      found.push_back(unread(question, answer));
      continue;
    }
    const bool ok = answer->boolean(0, 0);
    found.push_back({question.name, ok, answer->string(0, 1), ok ? "" : question.fix});
    // The other questions are in the words of the versions that will do; the first one asks for the version.
    if (connection.server_version() < oldest_version) break;
  }
  return found;
}

}  // namespace segue::pg
