#include "proof/check.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "pg/quote.h"
#include "sql/references.h"

namespace segue::proof {
namespace {

std::string shown(const std::optional<std::string>& value) {
  return value.value_or("NULL");
}

// All values of an answer, row by row.
std::vector<std::optional<std::string>> values_of(const pg::Rows& rows) {
  std::vector<std::optional<std::string>> values;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < rows.columns(); ++column) values.push_back(rows.maybe(row, column));
  }
  return values;
}

std::string text_of(const std::vector<std::optional<std::string>>& values) {
  std::string text;
  for (std::size_t at = 0; at < values.size() && at < most_rows_shown; ++at) {
    text += (at ? ", " : "") + shown(values[at]);
  }
  if (values.size() > most_rows_shown) text += fmt::format(", … ({} in all)", values.size());
  return values.empty() ? "no rows" : text;
}

// "2" and "2.0" are the same number; everything else is compared as text.
bool same(const std::optional<std::string>& a, const std::optional<std::string>& b) {
  if (!a || !b) return a == b;
  if (*a == *b) return true;
  char *end_a = nullptr, *end_b = nullptr;
  const double x = std::strtod(a->c_str(), &end_a), y = std::strtod(b->c_str(), &end_b);
  const bool numbers = !a->empty() && !b->empty() && *end_a == '\0' && *end_b == '\0';
  if (numbers) return x == y;
  const auto truth = [](const std::string& text) { return text == "true" ? "t" : text == "false" ? "f" : text; };
  return truth(*a) == truth(*b);
}

bool in_range(const plan::PlannedCheck& check, const std::vector<std::optional<std::string>>& values) {
  if (values.size() != 1 || !values[0]) return false;
  const double number = std::strtod(values[0]->c_str(), nullptr);
  if (check.min && number < std::strtod(check.min->c_str(), nullptr)) return false;
  return !check.max || number <= std::strtod(check.max->c_str(), nullptr);
}

std::string range_text(const plan::PlannedCheck& check) {
  return fmt::format("{} to {}", check.min.value_or("…"), check.max.value_or("…"));
}

Json rows_json(const pg::Rows& rows) {
  Json list = Json::array();
  for (std::size_t row = 0; row < rows.size() && row < most_rows_shown; ++row) {
    Json one = Json::object();
    for (std::size_t column = 0; column < rows.columns(); ++column) {
      const auto value = rows.maybe(row, column);
      one[rows.column_name(column)] = value ? Json(*value) : Json(nullptr);
    }
    list.push_back(one);
  }
  return list;
}

// Reads in a transaction of its own that changes nothing.
Result<pg::Rows> ask(pg::Connection& connection, const std::string& query) {
  TRY(connection.begin("READ ONLY"));
  auto rows = connection.query(query);
  connection.rollback();
  return rows;
}

// Rows that the tables of the query have taken in and given up, as the server counts them.
Result<std::pair<std::int64_t, std::int64_t>> traffic_of(pg::Connection& connection, const std::string& query) {
  std::vector<std::string> tables;
  for (const auto& relation : sql::references_of_sql(query).relations) {
    tables.push_back(pg::quote_name(relation.schema, relation.name));
  }
  const auto rows =
      TRY(connection.query("SELECT coalesce(sum(n_tup_ins), 0)::bigint, coalesce(sum(n_tup_del), 0)::bigint FROM "
                           "pg_stat_all_tables WHERE relid IN "
                           "(SELECT to_regclass(t)::oid FROM unnest($1::text[]) t)",
                           {tables}));
  return std::pair(rows.integer(0, 0), rows.integer(0, 1));
}

// The count may differ by what was inserted and deleted since; the server's counters lag a little behind, so they are
// asked again before anything is called lost.
Status compare_unchanged(pg::Connection& connection, const std::string& query, const Baseline& before,
                         CheckResult& result) {
  // Asked once: a value that is asked again would stay ahead of the counters as long as somebody inserts.
  result.actual = text_of(values_of(TRY(ask(connection, query))));
  const auto was = std::strtoll(before.value.c_str(), nullptr, 10),
             is = std::strtoll(result.actual.c_str(), nullptr, 10);
  result.ok = result.actual == before.value;
  for (int tries = 0; !result.ok && tries < 60; ++tries) {
    if (tries > 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(200));  // an idle session reports within ten seconds
    const auto [inserted, deleted] = TRY(traffic_of(connection, query));
    const auto came = inserted - before.inserted, went = deleted - before.deleted;
    result.expected = fmt::format("{}, give or take {} inserted and {} deleted since", before.value, came, went);
    result.ok = is >= was - went && is <= was + came;
  }
  return {};
}

void judge(const plan::PlannedCheck& check, const pg::Rows& rows, CheckResult& result) {
  const auto values = values_of(rows);
  if (check.kind == "no_rows") {
    result.expected = "no rows";
    result.actual = rows.empty() ? "no rows" : fmt::format("{} row{}", rows.size(), rows.size() == 1 ? "" : "s");
    result.ok = rows.empty();
    result.offenders = static_cast<std::int64_t>(rows.size());
    if (!rows.empty()) result.offending = rows_json(rows).dump(-1, ' ', false, Json::error_handler_t::replace);
    return;
  }
  result.actual = text_of(values);
  if (check.is_range) {
    result.expected = range_text(check);
    result.ok = in_range(check, values);
    return;
  }
  result.expected = text_of(check.expected);
  result.ok = values.size() == check.expected.size();
  for (std::size_t at = 0; result.ok && at < values.size(); ++at) result.ok = same(values[at], check.expected[at]);
}

Status run_inner(pg::Connection& connection, const plan::PlannedCheck& check, const Resolve& resolve,
                 const Baseline* before, CheckResult& result) {
  const auto query = TRY(resolve(check.query));
  if (check.kind == "unchanged") {
    if (before == nullptr) {
      result.actual = "there is no value from before the first step";
      return {};
    }
    result.expected = before->value;
    return compare_unchanged(connection, query, *before, result);
  }
  const auto rows = TRY(ask(connection, query));
  if (check.kind != "same_as") {
    judge(check, rows, result);
    return {};
  }
  const auto other = TRY(ask(connection, TRY(resolve(check.same_as))));
  const auto a = values_of(rows), b = values_of(other);
  result.actual = text_of(a);
  result.expected = text_of(b);
  result.ok = a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), same);
  return {};
}

}  // namespace

Result<Baseline> baseline(pg::Connection& connection, const std::string& query) {
  const auto [inserted, deleted] = TRY(traffic_of(connection, query));
  const auto rows = TRY(ask(connection, query));
  return Baseline{text_of(values_of(rows)), inserted, deleted};
}

Result<CheckResult> run_check(pg::Connection& connection, const plan::PlannedCheck& check, const std::string& boundary,
                              const Resolve& resolve, const Baseline* before) {
  CheckResult result;
  result.name = check.name;
  result.phase = boundary;
  result.warning = check.warning;
  result.mend = check.mend;
  result.where = check.where;
  const auto done = run_inner(connection, check, resolve, before, result);
  if (!done) {
    if (connection.lost()) return tl::unexpected(done.error());
    result.ok = false;
    result.actual = "the query fails: " + done.error().message;
  }
  return result;
}

Json to_json(const CheckResult& result) {
  Json json = {{"name", result.name},     {"phase", result.phase}, {"expected", result.expected},
               {"actual", result.actual}, {"ok", result.ok},       {"severity", result.warning ? "warning" : "error"}};
  if (!result.offending.empty()) json["rows"] = Json::parse(result.offending);
  if (!result.mend.empty() && !result.ok) json["mend"] = result.mend;
  return json;
}

}  // namespace segue::proof
