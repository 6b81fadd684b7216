// The server itself: its version, its settings, the way to it, room for sessions.
#include "pg/capability_question.h"

namespace segue::pg {
namespace {

constexpr Question questions[] = {
    {"server version", R"(
       SELECT CASE WHEN v >= 140000 AND v NOT BETWEEN 140000 AND 140003 THEN 'fine' ELSE 'stops' END,
         'PostgreSQL ' || current_setting('server_version')
       FROM (SELECT current_setting('server_version_num')::int AS v) s)",
     "segue needs 14 or newer, and not 14.0 to 14.3, whose CREATE INDEX CONCURRENTLY can corrupt an index"},
    {"direct connection", R"(
       SELECT CASE WHEN pg_backend_pid() = @pid THEN 'fine' ELSE 'stops' END,
         CASE WHEN pg_backend_pid() = @pid THEN 'the session is our own'
         ELSE 'a proxy stands between: the server process is not the one that answered at connect' END)",
     "connect to the server itself, or to a proxy in session mode with --proxy-is-session"},
    {"primary server", R"(
       SELECT CASE WHEN pg_is_in_recovery() THEN 'stops' ELSE 'fine' END,
         CASE WHEN pg_is_in_recovery() THEN 'this is a standby and cannot be written to'
         ELSE 'this server can be written to' END)",
     "connect to the primary"},
    {"encoding", R"(
       SELECT CASE WHEN e IN ('UTF8', 'SQL_ASCII') THEN 'fine' ELSE 'warning' END, 'the database is in ' || e
       FROM current_setting('server_encoding') e)",
     "segue speaks UTF-8; names and values that it cannot say are refused by the server"},
    // Timeouts and read-only defaults are set anew by every session of segue's; those below are not.
    {"settings", R"(
       SELECT CASE WHEN s IS NULL THEN 'fine' ELSE 'warning' END,
         coalesce('a session of this user is ended by ' || s, 'no timeout of the server ends a session of segue''s')
       FROM (SELECT string_agg(name || ' = ' || current_setting(name), ', ' ORDER BY name) AS s FROM pg_settings
             WHERE name IN ('transaction_timeout', 'idle_session_timeout') AND setting <> '0') t)",
     "ALTER ROLE … SET transaction_timeout = 0 (or idle_session_timeout) for the user that runs segue"},
    {"defaults", R"(
       SELECT 'fine', coalesce('overridden by segue''s own sessions, so harmless: ' || string_agg(DISTINCT setting, ', '),
         'no default of this user or database that segue has to override')
       FROM pg_db_role_setting d, unnest(d.setconfig) setting
       WHERE d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
         AND d.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
         AND split_part(setting, '=', 1) IN ('default_transaction_read_only', 'default_transaction_isolation',
           'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'row_security')
         AND split_part(setting, '=', 2) NOT IN ('0', 'off'))",
     "", true},
    {"replica sessions", R"(
       SELECT CASE WHEN count(*) = 0 THEN 'fine' ELSE 'warning' END,
         CASE WHEN count(*) = 0 THEN 'no user has session_replication_role = replica by default'
         ELSE 'triggers do not fire for ' || string_agg(DISTINCT coalesce(r.rolname, 'everybody'), ', ')
           || ', whose default is session_replication_role = replica: what they write is not kept in sync' END
       FROM pg_db_role_setting d LEFT JOIN pg_roles r ON r.oid = d.setrole, unnest(d.setconfig) setting
       WHERE d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
         AND setting = 'session_replication_role=replica')",
     "ALTER ROLE … RESET session_replication_role, or let nobody write as this role during the run", true},
    {"connections", R"(
       SELECT CASE WHEN free < 6 THEN 'warning' ELSE 'fine' END, greatest(free, 0) || ' of ' || most
         || ' are free for this user; a run uses four, and two for a backup', NULL, free
       FROM (
         SELECT most, least(most - used - CASE WHEN r.rolsuper THEN 0 ELSE reserved END,
             CASE WHEN d.datconnlimit < 0 OR r.rolsuper THEN most ELSE d.datconnlimit - s.numbackends END,
             CASE WHEN r.rolconnlimit < 0 OR r.rolsuper THEN most ELSE r.rolconnlimit - mine END) AS free
         FROM (SELECT current_setting('max_connections')::bigint AS most, sum(numbackends) AS used,
                 current_setting('superuser_reserved_connections')::bigint
                   + coalesce(current_setting('reserved_connections', true)::bigint, 0) AS reserved,
                 (SELECT count(*) FROM pg_stat_activity WHERE usename = session_user) AS mine
               FROM pg_stat_database) server,
           pg_roles r, pg_database d JOIN pg_stat_database s ON s.datid = d.oid
         WHERE r.rolname = session_user AND d.datname = current_database()) f)",
     "end sessions that nobody needs, or raise max_connections or the limit of this user or database"},
};

}  // namespace

std::span<const Question> server_questions() {
  return questions;
}

}  // namespace segue::pg
