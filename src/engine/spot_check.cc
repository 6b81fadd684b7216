#include "engine/spot_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "backfill/key.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/work.h"
#include "ledger/schema.h"
#include "pg/quote.h"
#include "sql/references.h"

namespace segue::engine {
namespace {

constexpr std::int64_t whole_table = 20000;  // so many rows are drawn from directly
constexpr double drawn_for_each = 20;        // rows of the sample for each record that is wanted
const std::string null_text = "NULL";

// The columns that an expression reads, as far as the table has them; quoted.
std::vector<std::string> sources(const plan::BackfillJob& job, const std::set<std::string>& there) {
  std::vector<std::string> found;
  for (const auto& value : job.values) {
    for (const auto& used : sql::references_of_sql("SELECT " + value).columns) {
      const auto name = pg::quote_name(used.column);
      const bool known = std::find(found.begin(), found.end(), name) != found.end();
      const bool ours = std::find(job.columns.begin(), job.columns.end(), name) != job.columns.end();
      if (there.contains(used.column) && !known && !ours) found.push_back(name);
    }
  }
  return found;
}

Result<std::set<std::string>> columns_of(pg::Connection& connection, const std::string& table) {
  const auto rows = TRY(connection.query(
      "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
      {table}));
  std::set<std::string> found;
  for (std::size_t row = 0; row < rows.size(); ++row) found.insert(rows.string(row, 0));
  return found;
}

// "t", or a sample of it where it is large.
Result<std::string> drawn_from(pg::Connection& connection, const std::string& table, int count) {
  const auto rows = TRY(connection.query("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = "
                                         "$1::regclass",
                                         {table}))
                        .integer(0, 0);
  if (rows <= whole_table) return table;
  return fmt::format("{} TABLESAMPLE BERNOULLI ({})", table,
                     std::min(100.0, 100.0 * drawn_for_each * count / static_cast<double>(rows)));
}

Result<std::vector<SpotRecord>> records_of(Work& work, const plan::BackfillJob& job, int count) {
  auto& connection = work.connection;
  const auto key = TRY(backfill::find_key(connection, job.table, job.key));
  const auto places = key.none() ? std::vector<std::string>{"ctid"} : key.columns;
  const auto old = sources(job, TRY(columns_of(connection, job.table)));
  std::string list;
  const auto add = [&](const std::string& what) { list += fmt::format("({})::text, ", what); };
  for (const auto& one : places) add(one);
  for (const auto& one : old) add(one);
  for (std::size_t at = 0; at < job.columns.size(); ++at) {
    add(TRY(work.resolve(job.values[at])));
    add(job.columns[at]);
  }
  const auto wrong = TRY(work.resolve(job.pending_again.empty() ? job.pending : job.pending_again));
  const auto rows =
      TRY(connection.query(fmt::format("SELECT {}(({}) IS NOT TRUE) FROM {} ORDER BY random() LIMIT {}", list, wrong,
                                       TRY(drawn_from(connection, job.table, count)), count)));
  std::vector<SpotRecord> found;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    SpotRecord record;
    std::size_t at = 0;
    const auto next = [&] { return rows.maybe(row, at++).value_or(null_text); };
    for (const auto& one : places) {
      record.key += fmt::format("{}{} = {}", record.key.empty() ? "" : ", ", backfill::unquoted(one), next());
    }
    for (const auto& one : old) record.old.emplace_back(backfill::unquoted(one), next());
    for (const auto& one : job.columns) {
      const auto expected = next();
      record.carried.push_back({backfill::unquoted(one), expected, next()});
    }
    record.right = rows.boolean(row, at);
    found.push_back(std::move(record));
  }
  return found;
}

}  // namespace

Result<std::vector<SpotTable>> spot_check(const std::string& database, const std::string& migration, int count) {
  auto work = TRY(Work::look({.database = database, .listener = {}, .stop = nullptr}));
  const tl::unexpected<Error> never =
      usage_error("nothing was carried on this database yet", "segue run begins it; segue status tells how far it is");
  if (!TRY(ledger::exists(work->connection))) return never;
  const auto run = TRY(ledger::newest_run(work->connection, migration));
  if (!run || !run->open()) return never;
  TRY(work->use(*run));
  std::vector<SpotTable> tables;
  std::int64_t looked = 0, wrong = 0;
  for (std::size_t at = 0; at < work->steps.size(); ++at) {
    const auto& step = work->plan.steps[at];
    if (step.up.kind != plan::ActionKind::backfill || work->steps[at].state != "done") continue;
    if (!step.up.backfill.from.empty() || !step.up.backfill.carry.empty()) continue;
    SpotTable table{plan::display_table(step.up.backfill.table), plan::headline(step),
                    TRY(records_of(*work, step.up.backfill, count))};
    for (const auto& record : table.records) {
      ++looked;
      wrong += record.right ? 0 : 1;
    }
    tables.push_back(std::move(table));
  }
  if (tables.empty()) return never;
  TRY(work->log(wrong > 0 ? "warning" : "info", "spot-check",
                fmt::format("{} records looked at side by side, {} wrong", looked, wrong)));
  return tables;
}

Json to_json(const std::vector<SpotTable>& tables) {
  Json list = Json::array();
  for (const auto& table : tables) {
    Json records = Json::array();
    for (const auto& record : table.records) {
      Json old = Json::object(), carried = Json::array();
      for (const auto& [column, value] : record.old) old[column] = value;
      for (const auto& one : record.carried) {
        carried.push_back({{"column", one.column}, {"expected", one.expected}, {"actual", one.actual}});
      }
      records.push_back({{"key", record.key}, {"old", old}, {"new", carried}, {"ok", record.right}});
    }
    list.push_back({{"table", table.table}, {"step", table.step}, {"records", records}});
  }
  return list;
}

}  // namespace segue::engine
