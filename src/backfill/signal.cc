#include "backfill/signal.h"

#include <fmt/format.h>

#include "base/text.h"

namespace segue::backfill {
namespace {

constexpr double lag_s = 10, files = 64, retained = 4.0 * (1 << 30), age = 1500000000;

std::string text(double value, Unit unit) {
  switch (unit) {
    case Unit::seconds:
      return duration_text(value);
    case Unit::bytes:
      return bytes_text(value);
    case Unit::bytes_a_second:
      return bytes_text(value) + "/s";
    case Unit::number:
      break;
  }
  return with_commas(static_cast<std::int64_t>(value));
}

}  // namespace

std::vector<Signal> signals(const Tuning& tuning) {
  std::vector<Signal> all = {
      // Not replay_lag: it is empty for a standby whose replay stands still.
      {"replication lag",
       "SELECT min(pg_wal_lsn_diff(replay_lsn, '0/0'))::float8, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 "
       "FROM pg_stat_replication WHERE state IN ('streaming', 'catchup')",
       tuning.replication_lag_s > 0 ? tuning.replication_lag_s : lag_s, Unit::seconds, Kind::lag},
      {"WAL kept for a replication slot",
       "SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))::float8 FROM pg_replication_slots WHERE "
       "restart_lsn IS NOT NULL",
       retained, Unit::bytes},
      {"WAL files that wait for the archive",
       "SELECT CASE WHEN current_setting('archive_mode') <> 'off' THEN (SELECT count(*) FROM pg_ls_archive_statusdir() "
       "WHERE name LIKE '%.ready') END::float8",
       files, Unit::number},
      {"sessions that wait for a row of ours",
       "SELECT count(*)::float8 FROM pg_locks l WHERE NOT l.granted AND EXISTS (SELECT FROM unnest(pg_blocking_pids("
       "l.pid)) b JOIN pg_stat_activity a ON a.pid = b WHERE a.application_name = 'segue worker') AND l.pid NOT IN "
       "(SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'segue%')",
       0, Unit::number},
      {"age of the oldest transaction id in this table",
       "SELECT age(relfrozenxid)::float8 FROM pg_class WHERE oid = $1::regclass", age, Unit::number},
  };
  if (tuning.wal_rate > 0) {
    all.push_back({"WAL written by this server", "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8",
                   static_cast<double>(tuning.wal_rate), Unit::bytes_a_second, Kind::rate});
  }
  if (!tuning.hold_while.empty()) {
    all.push_back({"your query (limits.hold_while) answers",
                   "SELECT CASE x::text WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE x::text END::float8 FROM (" +
                       tuning.hold_while + "\n) AS asked(x) LIMIT 1",
                   0, Unit::number, Kind::value, true});
  }
  return all;
}

std::string to_text(const Signal& signal, double value) {
  return fmt::format("{} {}, limit {}", signal.name, text(value, signal.unit), text(signal.limit, signal.unit));
}

}  // namespace segue::backfill
