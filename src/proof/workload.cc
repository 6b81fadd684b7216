#include "proof/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "pg/quote.h"

namespace segue::proof {
namespace {

Workload unreadable(std::string why) {
  Workload workload;
  workload.message = std::move(why);
  return workload;
}

// Resets and evictions are told since version 1.9 of the extension.
Status read_info(pg::Connection& connection, const std::string& schema, Workload& workload) {
  const auto there =
      TRY(connection.query("SELECT to_regclass($1) IS NOT NULL", {pg::quote_name(schema, "pg_stat_statements_info")}));
  if (!there.boolean(0, 0)) return {};
  const auto info =
      connection.query("SELECT stats_reset::text, dealloc FROM " + pg::quote_name(schema, "pg_stat_statements_info"));
  if (!info) return connection.lost() ? Status(tl::unexpected(info.error())) : Status();
  workload.reset_at = info->string(0, 0);
  workload.evicted = info->integer(0, 1);
  return {};
}

}  // namespace

Result<Workload> recorded_statements(pg::Connection& connection) {
  const auto extension = TRY(connection.query(
      "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = "
      "'pg_stat_statements'"));
  if (extension.empty()) {
    return unreadable("pg_stat_statements is not installed in this database: CREATE EXTENSION pg_stat_statements");
  }
  const auto schema = extension.string(0, 0);
  Workload workload;
  TRY(read_info(connection, schema, workload));
  const auto rows = connection.query(fmt::format(
      "SELECT coalesce(s.queryid::text, ''), coalesce(r.rolname, '?'), s.query, sum(s.calls)::bigint FROM {} s LEFT "
      "JOIN pg_roles r ON r.oid = s.userid WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = "
      "current_database()) AND s.query NOT LIKE '%/* segue */%' GROUP BY 1, 2, 3",
      pg::quote_name(schema, "pg_stat_statements")));
  if (!rows) {
    if (connection.lost()) return tl::unexpected(rows.error());
    return unreadable("pg_stat_statements cannot be read: " + rows.error().message);
  }
  std::int64_t hidden = 0;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    if (rows->text(row, 2) == "<insufficient privilege>") {
      ++hidden;
      continue;
    }
    workload.statements.push_back(
        {rows->string(row, 0), rows->string(row, 1), rows->string(row, 2), rows->integer(row, 3)});
  }
  workload.readable = hidden == 0;
  if (hidden > 0) {
    workload.message = fmt::format(
        "{} statements of other users are hidden from this one: GRANT pg_read_all_stats TO the user", hidden);
  }
  return workload;
}

bool may_name(const std::string& statement, const std::vector<std::string>& tables) {
  const auto folded = lower(statement);
  if (folded.find("u&\"") != std::string::npos) return true;  // a name in escapes
  return std::any_of(tables.begin(), tables.end(), [&](const auto& table) {
    const auto quoted = lower(pg::quote_name(table));  // a quote inside stands there twice
    return folded.find(std::string_view(quoted).substr(1, quoted.size() - 2)) != std::string::npos;
  });
}

}  // namespace segue::proof
