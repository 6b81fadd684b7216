#include "pg/capability_room.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <fstream>
#include <set>

#include "base/text.h"

namespace segue::pg {
namespace {

constexpr double new_versions = 1.2;   // of a table's bytes, where all its rows are filled
constexpr double index_entry = 16;     // bytes of an entry besides its values: header, pointer, alignment
constexpr double unknown_width = 8;    // of a column without statistics
constexpr double page_share = 0.9;     // of a page that a fresh index fills
constexpr double surely_too_much = 4;  // a need that is so many times what is free cannot be met

struct Size {
  double table = 0;
  double indexes = 0;
  double rows = 0;
};

struct Need {
  double data = 0;
  double wal = 0;
  std::vector<std::string> parts;
};

// By what the catalog last noted: asking for the files would wait for whoever has the table locked. What was never
// analysed is asked for, unless somebody has it so.
constexpr const char* size_of_table = R"(
  WITH RECURSIVE t AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname || '.' || c.relname = $1 OR 'public.' || c.relname = $1 AND pg_table_is_visible(c.oid)
    UNION SELECT i.inhrelid FROM t JOIN pg_inherits i ON i.inhparent = t.oid),
  sized AS (
    SELECT c.oid, c.reltuples, CASE
        WHEN c.relkind NOT IN ('r', 'm') THEN 0
        WHEN c.relpages > 0 OR c.reltuples >= 0 THEN c.relpages * current_setting('block_size')::float8
        WHEN EXISTS (SELECT FROM pg_locks l WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock') THEN 0
        ELSE pg_relation_size(c.oid) END AS bytes
    FROM t JOIN pg_class c USING (oid))
  SELECT coalesce(sum(bytes), 0)::float8,
    coalesce((SELECT sum(x.relpages) * current_setting('block_size')::float8 FROM pg_index i
      JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid IN (SELECT oid FROM t)), 0)::float8,
    coalesce(sum(CASE WHEN reltuples >= 0 THEN reltuples ELSE bytes / 100 END), 0)::float8
  FROM sized)";

constexpr const char* width_of_columns = R"(
  SELECT coalesce(sum(coalesce(w, $3::float8)), 0)::float8 FROM unnest($2::text[]) AS wanted(name)
  LEFT JOIN (SELECT attname, max(avg_width) AS w FROM pg_stats WHERE schemaname || '.' || tablename = $1 GROUP BY 1) s
    ON s.attname = wanted.name)";

constexpr const char* where_it_lies = R"(
  SELECT inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1'
      OR inet_server_addr() = inet_client_addr(), pg_backend_pid()::text,
    coalesce(nullif(pg_tablespace_location(d.dattablespace), ''),
             (SELECT setting FROM pg_settings WHERE name = 'data_directory'), ''),
    coalesce((SELECT setting || '/pg_wal' FROM pg_settings WHERE name = 'data_directory'), ''),
    (SELECT setting::float8 * 1048576 FROM pg_settings WHERE name = 'max_wal_size'),
    EXISTS (SELECT FROM pg_replication_slots WHERE NOT active)
  FROM pg_database d WHERE d.datname = current_database())";

Result<Size> size_of(Connection& connection, const std::string& table) {
  const auto row = TRY(connection.query(size_of_table, {table}));
  return Size{row.real(0, 0), row.real(0, 1), row.real(0, 2)};
}

Result<Need> need_of(Connection& connection, const Writes& writes) {
  Need need;
  std::set<std::string> filled;
  for (const auto& table : writes.fills) {
    const auto size = TRY(size_of(connection, table));
    need.wal += size.table * new_versions + size.indexes;
    if (!filled.insert(table).second) continue;
    const double bytes = size.table * new_versions + size.indexes;
    need.data += bytes;
    need.parts.push_back(fmt::format("filling {} {}", table, bytes_text(bytes)));
  }
  double indexes = 0;
  for (const auto& index : writes.indexes) {
    const auto size = TRY(size_of(connection, index.table));
    const auto width = TRY(connection.query(width_of_columns, {index.table, index.columns, unknown_width}));
    indexes += size.rows * (index_entry + width.real(0, 0)) / page_share;
  }
  need.data += indexes;
  need.wal += indexes;
  if (indexes > 0) need.parts.push_back(fmt::format("{} indexes {}", writes.indexes.size(), bytes_text(indexes)));
  return need;
}

// That the server answers on this machine's address does not say that it runs here: a tunnel or a container looks the
// same. Its process does.
bool runs_here(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/cmdline");
  std::string command;
  std::getline(file, command, '\0');
  return command.find("postgres") != std::string::npos;
}

std::optional<double> free_at(const std::string& folder) {
  struct statvfs room = {};
  if (folder.empty() || statvfs(folder.c_str(), &room) != 0) return std::nullopt;
  return static_cast<double>(room.f_bavail) * static_cast<double>(room.f_frsize);
}

bool same_disk(const std::string& one, const std::string& other) {
  struct stat a = {};
  struct stat b = {};
  return stat(one.c_str(), &a) != 0 || stat(other.c_str(), &b) != 0 || a.st_dev == b.st_dev;
}

}  // namespace

Result<Finding> room(Connection& connection, const Writes& writes) {
  auto need = TRY(need_of(connection, writes));
  Finding finding{"room on the disk"};
  const auto where = TRY(connection.query(where_it_lies));
  // Where nothing keeps it, the server uses its WAL again.
  if (!where.boolean(0, 5)) need.wal = std::min(need.wal, where.real(0, 4));
  finding.count = static_cast<std::int64_t>(need.data + need.wal);
  const auto wants = fmt::format("the plan needs about {} for data{} and {} for WAL", bytes_text(need.data),
                                 need.parts.empty() ? "" : " (" + join(need.parts, ", ") + ")", bytes_text(need.wal));
  const auto folder = where.string(0, 2);
  const auto wal_folder = where.string(0, 3);
  const auto free = where.boolean(0, 0) && runs_here(where.string(0, 1)) ? free_at(folder) : std::nullopt;
  if (!free) {
    finding.weight = Finding::Weight::unread;
    finding.message = fmt::format("could not be read: how much the server's disk has; {}", wants);
    return finding;
  }
  const bool one_disk = same_disk(folder, wal_folder);
  const double on_this = need.data + (one_disk ? need.wal : 0);
  finding.message = fmt::format("{}; {} are free in {}", wants, bytes_text(*free), folder);
  if (!one_disk) {
    const auto free_for_wal = free_at(wal_folder);
    if (free_for_wal && *free_for_wal < need.wal) finding.weight = Finding::Weight::warning;
    if (free_for_wal) finding.message += fmt::format(", {} in {}", bytes_text(*free_for_wal), wal_folder);
  }
  if (*free < on_this) finding.weight = Finding::Weight::warning;
  if (*free * surely_too_much < on_this) finding.weight = Finding::Weight::stops;
  if (finding.hinders()) {
    finding.fix = "free some, or give the server a larger disk: one that is full stops the application, not only segue";
  }
  return finding;
}

}  // namespace segue::pg
