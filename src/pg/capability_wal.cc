// The write-ahead log: who keeps it, whether it is archived, how much of it there is.
#include "pg/capability_question.h"

namespace segue::pg {
namespace {

constexpr Question questions[] = {
    {"replication slots", R"(
       SELECT CASE WHEN count(*) FILTER (WHERE NOT active) > 0 OR count(*) FILTER (WHERE wal_status IN ('unreserved',
           'lost')) > 0 THEN 'warning' ELSE 'fine' END,
         CASE WHEN count(*) = 0 THEN 'there are none' ELSE count(*) || ', '
           || count(*) FILTER (WHERE NOT active) || ' of them inactive'
           || coalesce(' (' || string_agg(slot_name, ', ' ORDER BY slot_name) FILTER (WHERE NOT active) || ')', '')
           || '; WAL kept: ' || coalesce(pg_size_pretty(max(kept)), '0 bytes') || ', limit '
           || replace(current_setting('max_slot_wal_keep_size'), '-1', 'none')
           || coalesce('; lost or soon so: ' || string_agg(slot_name, ', ') FILTER (WHERE wal_status IN ('unreserved',
              'lost')), '') END, NULL, count(*)
       FROM (SELECT slot_name::text, active, wal_status, pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery()
               THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn) AS kept
             FROM pg_replication_slots) s)",
     "an inactive slot keeps WAL until the disk is full: drop it or bring its reader back"},
    {"archiver", R"(
       SELECT CASE WHEN fails THEN 'warning' ELSE 'fine' END,
         CASE WHEN NOT on_ THEN 'archive_mode is off'
         WHEN fails THEN 'archiving fails since ' || last_failed_time::timestamp(0) || ', at ' || last_failed_wal
         ELSE 'the last file was archived ' || coalesce('at ' || last_archived_time::timestamp(0), 'never yet') END
       FROM (SELECT *, on_ AND last_failed_time > coalesce(last_archived_time, '-infinity') AS fails
             FROM pg_stat_archiver, (SELECT current_setting('archive_mode') <> 'off' AS on_) s) a)",
     "mend archive_command: WAL that is not archived stays until the disk is full"},
    {"archive backlog", R"(
       SELECT CASE WHEN count(*) > 100 THEN 'warning' ELSE 'fine' END, count(*)
         || ' files of WAL wait to be archived; the limit is 100', NULL, count(*)
       FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready')",
     "let the archiver catch up: a backfill writes as much WAL as it writes rows", true,
     "SELECT current_setting('archive_mode') <> 'off', 'archive_mode is off'"},
    {"WAL", R"(
       SELECT CASE WHEN has > may THEN 'warning' ELSE 'fine' END, pg_size_pretty(has) || ' of it is there, in '
         || files || ' files; more than ' || pg_size_pretty(may) || ' means that something keeps it', NULL, has::bigint
       FROM (SELECT sum(size) AS has, count(*) AS files FROM pg_ls_waldir()) w,
         (SELECT 1048576 * (2 * sum(setting::numeric) FILTER (WHERE name = 'max_wal_size')
            + sum(setting::numeric) FILTER (WHERE name IN ('wal_keep_size', 'min_wal_size'))) AS may FROM pg_settings
          WHERE name IN ('max_wal_size', 'min_wal_size', 'wal_keep_size')) m)",
     "see replication slots and archiver: what keeps it has to be brought back or dropped"},
};

}  // namespace

std::span<const Question> wal_questions() {
  return questions;
}

}  // namespace segue::pg
