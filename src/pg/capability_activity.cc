// Who else is at work in the database, and what somebody left behind: it is waited for, or stands in the way.
#include "pg/capability_question.h"

namespace segue::pg {
namespace {

constexpr Question questions[] = {
    {"prepared transactions", R"(
       SELECT CASE WHEN count(*) = 0 THEN 'fine' ELSE 'warning' END,
         CASE WHEN count(*) = 0 THEN 'none is left open' ELSE count(*) || ' left open, the oldest is ' ||
           (array_agg(quote_literal(gid) || ' of ' || owner || ', ' || (now() - prepared)::interval(0)
                      || CASE WHEN held IS NULL THEN '' ELSE ', which holds locks on ' || held END
                      ORDER BY prepared))[1] END, NULL, count(*)
       FROM (SELECT p.gid, p.owner, p.prepared,
               (SELECT string_agg(DISTINCT l.relation::regclass::text, ', ')
                FROM pg_locks own JOIN pg_locks l USING (virtualtransaction)
                WHERE own.transactionid = p.transaction AND own.pid IS NULL AND l.pid IS NULL
                  AND l.relation = ANY (@tables)) AS held
             FROM pg_prepared_xacts p WHERE p.database = current_database()) t)",
     "COMMIT PREPARED or ROLLBACK PREPARED them: they hold their locks until then, and no index can be built beside "
     "them"},
    // A user without pg_read_all_stats sees neither state nor start of other users' transactions.
    {"long transactions", R"(
       SELECT CASE WHEN count(*) FILTER (WHERE old) > 0 THEN 'warning' WHEN bool_or(hidden) THEN 'unread' ELSE 'fine' END,
         CASE WHEN count(*) FILTER (WHERE old) > 0 THEN count(*) FILTER (WHERE old) || ' older than five minutes: '
           || array_to_string((array_agg('pid ' || pid || ' (' || who || '), ' || age ORDER BY age DESC)
                               FILTER (WHERE old))[:3], '; ')
         WHEN bool_or(hidden) THEN 'could not be read: ' || count(*) FILTER (WHERE hidden)
           || ' sessions of other users (GRANT pg_read_all_stats TO this user shows them)'
         ELSE 'none is older than five minutes' END, NULL, count(*) FILTER (WHERE old)
       FROM (SELECT pid, coalesce(usename, '?') || coalesce(', ' || nullif(application_name, ''), '') AS who,
               (clock_timestamp() - xact_start)::interval(0) AS age,
               xact_start < now() - interval '5 minutes' AND backend_type = 'client backend' AS old,
               query = '<insufficient privilege>' AS hidden
             FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()) t)",
     "let them end, or end them: locks wait for them, and CREATE INDEX CONCURRENTLY too"},
    {"idle in transaction", R"(
       SELECT CASE WHEN count(*) = 0 THEN 'fine' ELSE 'warning' END,
         CASE WHEN count(*) = 0 THEN 'nobody for more than five seconds' ELSE count(*)
           || ' for more than five seconds: ' || array_to_string((array_agg('pid ' || pid || ' (' || who || '), ' || age
              || CASE WHEN held IS NULL THEN '' ELSE ', with locks on ' || held END ORDER BY age DESC))[:3], '; ') END,
         NULL, count(*)
       FROM (SELECT pid, coalesce(usename, '?') || coalesce(', ' || nullif(application_name, ''), '') AS who,
               (clock_timestamp() - state_change)::interval(0) AS age,
               (SELECT string_agg(DISTINCT l.relation::regclass::text, ', ') FROM pg_locks l
                WHERE l.pid = a.pid AND l.relation = ANY (@tables)) AS held
             FROM pg_stat_activity a WHERE datname = current_database() AND pid <> pg_backend_pid()
               AND state LIKE 'idle in transaction%' AND clock_timestamp() - state_change > interval '5 seconds'
               AND application_name !~ '^segue') t)",
     "end these sessions, or have their application commit: what they hold is waited for"},
    {"indexes", R"(
       SELECT CASE WHEN count(*) = 0 THEN 'fine' ELSE 'warning' END,
         CASE WHEN count(*) = 0 THEN 'all are valid' ELSE 'invalid: '
           || array_to_string((array_agg(i.indexrelid::regclass::text ORDER BY i.indexrelid))[:5], ', ') END,
         NULL, count(*)
       FROM pg_index i WHERE i.indrelid = ANY (@tables) AND NOT i.indisvalid
         AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid))",
     "DROP INDEX CONCURRENTLY, or REINDEX INDEX CONCURRENTLY"},
    {"wraparound", R"(
       SELECT CASE WHEN greatest(age, multi) < 1500000000 THEN 'fine' ELSE 'warning' END,
         'the oldest transaction id is ' || age || ' old, the oldest multixact ' || multi || '; the limit is 1500000000'
       FROM (SELECT age(datfrozenxid), mxid_age(datminmxid) AS multi FROM pg_database
             WHERE datname = current_database()) d)",
     "VACUUM the oldest tables first: the server stops at two thousand million"},
    // What it says of itself is all that tells; this is hidden from a user without pg_read_all_stats.
    {"vacuum against wraparound", R"(
       SELECT CASE WHEN count(*) FILTER (WHERE at_work) > 0 THEN 'warning' WHEN bool_or(hidden) THEN 'unread'
         ELSE 'fine' END,
         CASE WHEN count(*) FILTER (WHERE at_work) > 0 THEN 'at work on ' || string_agg(DISTINCT name, ', ')
           FILTER (WHERE at_work) || ': it does not give way to a lock'
         WHEN bool_or(hidden) THEN 'could not be read: what sessions of other users do'
         ELSE 'none is at work on these tables' END
       FROM (SELECT s.name, s.oid IS NOT NULL AS at_work, a.query = '<insufficient privilege>' AS hidden
             FROM pg_stat_activity a LEFT JOIN (SELECT c.oid, n.nspname || '.' || c.relname AS name FROM pg_class c
               JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY (@tables)) s
             ON a.query LIKE 'autovacuum:%' AND a.query LIKE '%to prevent wraparound%'
               AND position(' ' || s.name || ' ' IN a.query) > 0
             WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()) t)",
     "wait until it is done: segue waits too and never cancels it, up to lock_deadline"},
};

}  // namespace

std::span<const Question> activity_questions() {
  return questions;
}

}  // namespace segue::pg
