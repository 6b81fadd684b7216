#include "engine/keep_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/kept_text.h"
#include "engine/table_shape.h"
#include "pg/quote.h"

namespace segue::engine {
namespace {

std::string any_value(const std::vector<std::string>& columns) {
  std::string any;
  for (const auto& column : columns) {
    any += fmt::format("{}t.{} IS NOT NULL", any.empty() ? "" : " OR ", pg::quote_name(column));
  }
  return "(" + any + ")";
}

}  // namespace

Result<std::optional<std::string>> condition_of_values(Work& work, const plan::KeepRule& rule, bool after_switch) {
  const auto types = TRY(work.connection.query(
      "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = "
      "ANY($2::text[]) AND NOT attisdropped",
      {rule.table, rule.columns}));
  if (types.size() < rule.columns.size()) return std::optional<std::string>();
  const auto any = any_value(rule.columns);
  const auto& written = after_switch ? rule.after_switch : rule.before_switch;
  if (written.empty() && !rule.usual) return std::optional(any);
  // As text: not every type has an equality.
  const auto condition = written.empty()
                             ? fmt::format("({} IS DISTINCT FROM format('%s', ({})::{}))",
                                           text_of_column(rule.columns.front()), *rule.usual, types.text(0, 0))
                             : TRY(work.resolve(written));
  // An expression that fails for some row by now must not close the way back: then all values are kept.
  const auto tried = work.connection.query(fmt::format("SELECT count(*) FROM {} t WHERE {}", rule.table, condition));
  if (!tried && work.connection.lost()) return tl::unexpected(tried.error());
  return std::optional(tried ? condition : any);
}

Result<std::int64_t> keep_values(Work& work, const std::vector<const plan::KeepRule*>& rules, bool after_switch) {
  const auto& table = rules.front()->table;
  std::string values, with, conditions;
  std::vector<std::string> columns, reasons;
  for (const auto* rule : rules) {
    const auto condition = TRY(condition_of_values(work, *rule, after_switch));
    if (!condition) continue;
    const auto part = [&](const std::vector<std::string>& some) {
      return fmt::format(" || CASE WHEN {} THEN {} ELSE '{{}}' END", *condition,
                         kept_object(work.plan, table, some, after_switch));
    };
    values += part(rule->columns);
    if (!rule->with.empty()) with += part(rule->with);
    conditions += (conditions.empty() ? "" : " OR ") + *condition;
    columns.insert(columns.end(), rule->columns.begin(), rule->columns.end());
    if (std::find(reasons.begin(), reasons.end(), rule->reason) == reasons.end()) reasons.push_back(rule->reason);
  }
  if (conditions.empty()) return 0;
  const auto shape = TRY(shape_of(work.connection, table));
  auto key = shape.key;
  // Without a key a row is found by all that it holds but the columns that go.
  if (key.empty()) key = shape.columns;
  std::erase_if(key, [&](const auto& one) { return std::find(columns.begin(), columns.end(), one) != columns.end(); });
  const auto name = plan::display_table(table);
  TRY(work.connection.begin());
  const auto cleared = work.connection.execute(
      "DELETE FROM segue.kept_row WHERE run_id = $1 AND table_name = $2 AND what = 'values' AND state = 'kept' AND row "
      "?| "
      "$3::text[]",
      {work.run.id, name, columns});
  const auto kept = work.connection.query(
      fmt::format(
          "INSERT INTO segue.kept_row (run_id, migration, table_name, key, row, reason, what) SELECT $1, $2, $3, "
          "{}{}, '{{}}'::jsonb{}, $4, 'values' FROM {} t WHERE {}",
          kept_object(work.plan, table, key, after_switch), with, values, table, conditions),
      {work.run.id, work.run.migration, name, join(reasons, "; ")});
  if (!cleared || !kept) {
    work.connection.rollback();
    return tl::unexpected(cleared ? kept.error() : cleared.error());
  }
  const auto commit = work.connection.commit();
  if (commit.outcome != pg::CommitOutcome::committed) return tl::unexpected(commit.error);
  return kept->affected();
}

}  // namespace segue::engine
