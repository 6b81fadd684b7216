#include "plan/moves/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pg/quote.h"
#include "plan/tables.h"

namespace segue::plan {
namespace {

using migration::BackfillMove;

// All that is read, as one query, or only what rows are found by.
std::string whole_query(const BackfillMove& move, const Table& target, bool with_values = true) {
  if (!with_values) {
    return fmt::format("SELECT FROM {}, {} WHERE {}", target.quoted(), from_of(move),
                       move.where.empty() ? "true" : move.where.value);
  }
  std::string values;
  for (const auto& one : move.set) values += fmt::format("{}({})", values.empty() ? "" : ", ", one.expression.value);
  const auto from = from_of(move);
  return fmt::format("SELECT {} FROM {}{}{}", values, target.quoted(), from.empty() ? "" : ", " + from,
                     move.where.empty() ? "" : " WHERE " + move.where.value);
}

// Its columns whose names are read somewhere: too many may be told, none is missed.
std::vector<std::string> read_columns(const Table& table, const sql::References& read) {
  std::vector<std::string> found;
  const bool all =
      std::any_of(read.columns.begin(), read.columns.end(), [](const auto& one) { return one.column == "*"; });
  for (const auto& column : table.columns) {
    const bool named = std::any_of(read.columns.begin(), read.columns.end(),
                                   [&](const auto& one) { return one.column == column.name; });
    if (all || named) found.push_back(column.name);
  }
  return found;
}

bool sets_what_it_reads(const BackfillMove& move, const sql::References& read) {
  return std::any_of(move.set.begin(), move.set.end(), [&](const auto& set) {
    return std::any_of(read.columns.begin(), read.columns.end(),
                       [&](const auto& one) { return one.column == set.column.value; });
  });
}

}  // namespace

std::string from_of(const BackfillMove& move) {
  return move.from.value + (move.from.empty() || move.join.empty() ? "" : " ") + move.join.value;
}

Result<std::optional<std::vector<Source>>> sources_of(Draft& draft, const BackfillMove& move, const Table& target) {
  const auto& at = move.from.at;
  const std::optional<std::vector<Source>> none;
  const auto written = sql::tables_after_from(from_of(move));
  if (!written) {
    draft.hazard("source-not-followed",
                 fmt::format("{} cannot follow what stands after FROM: {}", target.display(), written.error().message),
                 at, written.error().hint + ", or say keep_in_sync: no and let the new application write the column");
    return none;
  }
  const auto read = sql::references_of_sql(whole_query(move, target));
  const auto found_by = sql::references_of_sql(whole_query(move, target, false));
  std::vector<Source> sources;
  for (const auto& one : *written) {
    const auto table = TRY(draft.table(as_written(one.name)));
    if (!table) {
      draft.hazard("no-such-table", fmt::format("there is no table '{}' to take values from", as_written(one.name)), at,
                   "name it as the database does, with its schema where it is not the usual one");
      return none;
    }
    if (table->kind != "table" && table->kind != "partitioned table") {
      draft.hazard("source-not-followed",
                   fmt::format("{} is a {}: only a table can say that it has changed", table->display(), table->kind),
                   at, "name the tables that it reads, or say keep_in_sync: no");
      return none;
    }
    if (!draft.plain(*table, at, true)) return none;
    sources.push_back({*table, one, read_columns(*table, read), read_columns(*table, found_by)});
    if (table->quoted() == target.quoted() && sets_what_it_reads(move, read)) {
      draft.hazard("follows-itself",
                   fmt::format("{} is set from the same column of other rows of {}: one change would run through the "
                               "whole table",
                               move.set.front().column.value, target.display()),
                   at, "say keep_in_sync: no, or compute it with a `sql:` move");
      return none;
    }
  }
  return std::optional(std::move(sources));
}

Status note_not_followed(Draft& draft, const BackfillMove& move, const Table& target,
                         const std::vector<Source>& followed) {
  std::set<std::string> noted = {target.quoted()};
  for (const auto& one : followed) noted.insert(one.table.quoted());
  for (const auto& name : sql::references_of_sql(whole_query(move, target)).relations) {
    const auto table = TRY(draft.table(as_written(name)));
    if (!table || !noted.insert(table->quoted()).second) continue;
    draft.note("stale-on-change",
               fmt::format("{} is read by a subquery: rows of {} do not follow when it changes, and the comparison "
                           "before the switch names those that have fallen behind",
                           table->display(), target.display()),
               move.table.at, "name it in `from`, joined by `where`, and its changes are followed");
  }
  return {};
}

}  // namespace segue::plan
