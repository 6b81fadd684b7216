// Who follows the changes of this server, and whose changes it follows.
#include "pg/capability_question.h"

namespace segue::pg {
namespace {

constexpr Question questions[] = {
    {"standbys", R"(
       SELECT CASE WHEN count(*) FILTER (WHERE late) > 0 THEN 'warning'
         WHEN count(*) > 0 AND bool_and(state IS NULL) THEN 'unread' ELSE 'fine' END,
         CASE WHEN count(*) = 0 THEN 'none is connected'
         WHEN bool_and(state IS NULL) THEN 'could not be read: names and lag of ' || count(*) || ' connected standbys or '
           || 'subscribers; reads on a standby wait for the replay of strong locks'
         ELSE count(*) || ' connected: ' || string_agg(coalesce(nullif(application_name, ''), 'pid ' || pid) || ' is '
           || pg_size_pretty(coalesce(behind, 0)) || ' and ' || round(coalesce(extract(epoch FROM replay_lag), 0)::numeric, 1)
           || ' s behind', ', ' ORDER BY application_name)
           || ' (limits 1024 MB, 60 s); reads there wait for the replay of strong locks' END, NULL, count(*)
       FROM (SELECT *, coalesce(behind > 1073741824, false) OR coalesce(replay_lag > interval '60 s', false) AS late
             FROM (SELECT r.*, CASE WHEN pg_is_in_recovery() THEN NULL
                     ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn) END AS behind
                   FROM pg_stat_replication r
                   WHERE coalesce(r.state, '') <> 'backup' AND NOT EXISTS (SELECT FROM pg_replication_slots s
                     WHERE s.active_pid = r.pid AND s.slot_type = 'logical')) x) t)",
     "let it catch up first: what a run writes comes on top, and reads there see old rows"},
    // FIRST 2 (a, b) with one of them there waits too.
    {"synchronous standby", R"(
       SELECT CASE WHEN names = '' OR acts IN ('off', 'local') OR has >= wants THEN 'fine'
         WHEN hidden THEN 'unread' ELSE 'stops' END,
         CASE WHEN names = '' THEN 'no commit waits for a standby'
         WHEN acts IN ('off', 'local') THEN 'synchronous_commit is ' || acts || ': no commit waits for a standby'
         WHEN has >= wants THEN has || ' of the ' || wants || ' that a commit waits for are there'
         WHEN hidden THEN 'could not be read: whether those of synchronous_standby_names are there'
         ELSE 'synchronous_standby_names asks for ' || wants || ' (' || names || '), ' || has || ' are there: '
           || 'every commit waits for ever' END
       FROM (SELECT current_setting('synchronous_standby_names') AS names,
               -- The default of the session: segue's own value is another while it fills rows.
               (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit') AS acts,
               coalesce(substring(current_setting('synchronous_standby_names')
                 FROM '(?i)^\s*(?:first|any)?\s*([0-9]+)\s*\(')::int, 1) AS wants,
               count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) AS has,
               count(*) > 0 AND coalesce(bool_and(sync_state IS NULL), false) AS hidden
             FROM pg_stat_replication) s)",
     "bring the standby back, or take it out of synchronous_standby_names and reload"},
    {"logical subscribers", R"(
       SELECT CASE WHEN @plan AND (slots > 0 OR published > 0) THEN 'warning' ELSE 'fine' END,
         CASE WHEN slots = 0 AND published = 0 THEN 'nobody follows the changes: wal_level is '
           || current_setting('wal_level') || ', there is no logical slot of this database'
         ELSE slots || ' logical slots' || coalesce(' (' || slot_names || ')', '') || ', ' || coalesce('publications of '
           || 'these tables: ' || publications, 'no publication of these tables')
           || ': new columns and names reach their readers' END, NULL, slots
       FROM (SELECT count(*) AS slots, string_agg(slot_name::text, ', ' ORDER BY slot_name) AS slot_names
             FROM pg_replication_slots WHERE slot_type = 'logical' AND database = current_database()) s,
         (SELECT count(*) AS published, string_agg(DISTINCT p.pubname::text, ', ') AS publications
          FROM pg_publication p WHERE p.puballtables AND cardinality(@reshaped) > 0 OR EXISTS (SELECT FROM
            pg_publication_tables t JOIN pg_namespace n ON n.nspname = t.schemaname JOIN pg_class c
              ON c.relname = t.tablename AND c.relnamespace = n.oid
            WHERE t.pubname = p.pubname AND c.oid = ANY (@reshaped))) p)",
     "make their readers ready first: a subscriber's table needs a new column before expand, and a name that is gone "
     "before contract"},
    {"subscriptions", R"(
       SELECT CASE WHEN bool_or(enabled AND synced) THEN 'stops' WHEN count(*) > 0 AND @plan THEN 'warning'
         ELSE 'fine' END,
         CASE WHEN count(*) = 0 THEN 'no subscription writes to these tables'
         ELSE 'written to by subscriptions: ' || string_agg(DISTINCT relname || ' by ' || subname
           || CASE WHEN enabled THEN '' ELSE ' (disabled)' END, ', ')
           || '; their workers fire no ordinary trigger, so nothing keeps these rows in sync' END, NULL, count(*)
       FROM (SELECT c.relname, s.subname, s.subenabled AS enabled, c.oid = ANY (@synced) AS synced
             FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid JOIN pg_class c ON c.oid = r.srrelid
             WHERE r.srrelid = ANY (@tables)) t)",
     "migrate the publisher first, or end the subscription: ALTER SUBSCRIPTION … DISABLE stops it for a while"},
};

}  // namespace

std::span<const Question> replication_questions() {
  return questions;
}

}  // namespace segue::pg
