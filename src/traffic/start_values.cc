#include "traffic/start_values.h"

#include <fmt/format.h>

#include <atomic>

#include "traffic/journal.h"
#include "traffic/node.h"
#include "traffic/pool.h"

namespace segue::traffic {
namespace {

Result<pg::Rows> ask(const StartQuery& query, const File& file, pg::Connection& connection) {
  auto rows = connection.query(query.sql);
  if (rows) return std::move(*rows);
  Error error = rows.error();
  if (connection.lost()) return tl::unexpected(error);
  error.message = fmt::format("the query of `{}` failed: {}", query.name, error.message);
  error.where = query.where;
  error.hint = fmt::format("is `{}` meant for the shape that this database has now?", file.name);
  return tl::unexpected(error);
}

Result<Drawn> ask_var(const StartQuery& query, const File& file, pg::Connection& connection) {
  const auto rows = TRY(ask(query, file, connection));
  if (rows.size() != 1 || rows.columns() != 1) {
    return usage_error(fmt::format("`{}` is to be one value; the query gave {} rows of {} columns", query.name,
                                   rows.size(), rows.columns()),
                       "", query.where);
  }
  return Drawn{rows.maybe(0, 0), is_bare_type(rows.column_type(0))};
}

Result<std::unique_ptr<Pool>> ask_pool(const StartQuery& query, const File& file, pg::Connection& connection) {
  const auto rows = TRY(ask(query, file, connection));
  if (rows.empty()) {
    return usage_error(fmt::format("the pool `{}` is empty", query.name), "is the database filled?", query.where);
  }
  return std::make_unique<Pool>(query.name, rows);
}

Status check_uses(const File& file, const RunValues& values) {
  for (const auto& use : file.pool_uses) {
    const auto& pool = *values.pools[use.pool];
    if (pool.column(use.column) >= 0) continue;
    return unknown_word(fmt::format("column of the pool `{}` called", pool.name()), use.column, pool.columns(),
                        use.where);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<RunValues>> ask_start_values(const File& file, pg::Connection& connection, int connections) {
  auto values = std::make_unique<RunValues>();
  values->run = fresh_run_name();
  values->connections = connections;
  for (const auto& query : file.vars) values->vars.push_back(TRY(ask_var(query, file, connection)));
  for (const auto& query : file.pools) {
    auto pool = ask_pool(query, file, connection);
    if (!pool) return tl::unexpected(pool.error());
    values->pools.push_back(std::move(*pool));
  }
  for (std::size_t i = 0; i < file.counters; ++i) values->counters.emplace_back(0);
  TRY(check_uses(file, *values));
  return values;
}

std::string fresh_run_name() {
  static std::atomic<std::uint64_t> runs = 0;
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
  constexpr std::int64_t year_2025 = 1'735'689'600'000'000;
  // Milliseconds, with the number of the run in this process below them.
  auto number = static_cast<std::uint64_t>((journal_time() - year_2025) / 1000) * 36 + runs++ % 36;
  std::string name;
  for (; number > 0; number /= 36) name.insert(name.begin(), digits[number % 36]);
  return name;
}

}  // namespace segue::traffic
