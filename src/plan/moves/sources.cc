#include "plan/moves/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "plan/moves/ways.h"
#include "plan/tables.h"
#include "sql/lexer.h"

namespace segue::plan {
namespace {

using migration::BackfillMove;

// All that is read, as one query, or only what rows are found by.
std::string whole_query(const BackfillMove& move, const Table& target, bool with_values) {
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

// Its columns whose names are read somewhere: too many may be told, none is missed. A name that is no column of any
// table (a function of the row) may read them all.
std::vector<std::string> read_columns(const Table& table, const sql::References& read, bool all) {
  std::vector<std::string> found;
  for (const auto& column : table.columns) {
    const bool named = std::any_of(read.columns.begin(), read.columns.end(),
                                   [&](const auto& one) { return one.column == column.name; });
    if (all || named) found.push_back(column.name);
  }
  return found;
}

bool reads_whole_rows(const sql::References& read, const std::vector<Source>& sources, const Table& target) {
  return std::any_of(read.columns.begin(), read.columns.end(), [&](const auto& one) {
    if (one.column == "*") return true;
    const bool known = std::any_of(sources.begin(), sources.end(),
                                   [&](const auto& source) { return source.table.column(one.column) != nullptr; });
    return !known && target.column(one.column) == nullptr;
  });
}

bool sets_what_it_reads(const BackfillMove& move, const sql::References& read) {
  return std::any_of(move.set.begin(), move.set.end(), [&](const auto& set) {
    return std::any_of(read.columns.begin(), read.columns.end(),
                       [&](const auto& one) { return one.column == set.column.value; });
  });
}

// schema.table.column: what stands in the place of the table has no schema.
std::optional<std::string> three_parts(const std::string& text) {
  const auto tokens = sql::tokens_of(text, 0, text.size());
  for (std::size_t at = 0; at + 4 < tokens.size(); ++at) {
    const auto is_name = [&](std::size_t which) {
      const auto kind = tokens[which].kind;
      return kind == sql::TokenKind::word || kind == sql::TokenKind::quoted_name;
    };
    const bool three = is_name(at) && sql::is_sign(text, tokens[at + 1], '.') && is_name(at + 2) &&
                       sql::is_sign(text, tokens[at + 3], '.') && is_name(at + 4);
    if (three) return text.substr(tokens[at].begin, tokens[at + 4].end - tokens[at].begin);
  }
  return std::nullopt;
}

// Such a column has no value in a trigger.
Result<std::optional<std::string>> virtual_column(Draft& draft, const Source& source) {
  if (draft.connection.server_version() < 180000 || !source.table.in_catalog) return std::optional<std::string>();
  const auto rows = TRY(draft.connection.query(
      "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attgenerated = 'v' AND attname = ANY "
      "($2::text[])",
      {source.table.quoted(), source.columns}));
  return rows.empty() ? std::optional<std::string>() : std::optional(rows.string(0, 0));
}

}  // namespace

std::string from_of(const BackfillMove& move) {
  return move.from.value + (move.from.empty() || move.join.empty() ? "" : " ") + move.join.value;
}

namespace {

class Reader {
 public:
  Reader(Draft& draft, const BackfillMove& move, const Table& target) : draft_(draft), move_(move), target_(target) {}

  Result<std::optional<std::vector<Source>>> read() {
    using None = std::optional<std::vector<Source>>;
    const auto clause = sql::take_from_apart(from_of(move_));
    if (!clause) {
      refuse("source-not-followed",
             fmt::format("{} cannot follow what stands after FROM: {}", target_.display(), clause.error().message),
             clause.error().hint + ", or say keep_in_sync: no and let the new application write the column");
      return None();
    }
    if (const auto name = three_parts(whole_query(move_, target_, true))) {
      refuse("source-not-followed", fmt::format("{} names a column with its schema", *name), "leave the schema out");
      return None();
    }
    for (const auto& one : clause->tables) {
      if (!TRY(add(one))) return None();
    }
    if (!TRY(columns_are_right())) return None();
    auto conditions = clause->conditions;
    if (!move_.where.empty()) {
      for (auto& one : sql::conditions_of(move_.where.value)) conditions.push_back(std::move(one));
    }
    find_ways(sources_, target_, conditions);
    return std::optional(std::move(sources_));
  }

 private:
  void refuse(const std::string& code, const std::string& message, const std::string& hint) {
    draft_.hazard(code, message, move_.from.at, hint);
  }

  Result<bool> add(const sql::FromTable& written) {
    const auto table = TRY(draft_.table(as_written(written.name)));
    if (!table) {
      refuse("no-such-table", fmt::format("there is no table '{}' to take values from", as_written(written.name)),
             "name it as the database does, with its schema where it is not the usual one");
      return false;
    }
    if (table->kind != "table" && table->kind != "partitioned table") {
      refuse("source-not-followed",
             fmt::format("{} is a {}: only a table can say that it has changed", table->display(), table->kind),
             "name the tables that it reads, or say keep_in_sync: no");
      return false;
    }
    if (!draft_.plain(*table, move_.from.at, true)) return false;
    sources_.push_back({*table, written.alias, {}, {}, {}, {}});
    return true;
  }

  Result<bool> columns_are_right() {
    const auto read = sql::references_of_sql(whole_query(move_, target_, true));
    const auto found_by = sql::references_of_sql(whole_query(move_, target_, false));
    const bool whole = reads_whole_rows(read, sources_, target_);
    const bool found_whole = reads_whole_rows(found_by, sources_, target_);
    for (auto& one : sources_) {
      one.columns = read_columns(one.table, read, whole);
      one.finds = read_columns(one.table, found_by, found_whole);
      if (const auto column = TRY(virtual_column(draft_, one))) {
        refuse("source-not-followed",
               fmt::format("{}.{} is a virtual generated column: triggers cannot see it", one.table.display(), *column),
               "write its expression out");
        return false;
      }
      if (one.table.quoted() != target_.quoted() || !sets_what_it_reads(move_, read)) continue;
      refuse("follows-itself",
             fmt::format("{} is set from the same column of other rows of {}: one change would run through the whole "
                         "table",
                         move_.set.front().column.value, target_.display()),
             "say keep_in_sync: no, or compute it with a `sql:` move");
      return false;
    }
    return true;
  }

  Draft& draft_;
  const BackfillMove& move_;
  const Table& target_;
  std::vector<Source> sources_;
};

}  // namespace

Result<std::optional<std::vector<Source>>> sources_of(Draft& draft, const BackfillMove& move, const Table& target) {
  return Reader(draft, move, target).read();
}

Status note_not_followed(Draft& draft, const BackfillMove& move, const Table& target,
                         const std::vector<Source>& followed) {
  std::set<std::string> noted = {target.quoted()};
  for (const auto& one : followed) noted.insert(one.table.quoted());
  for (const auto& name : sql::references_of_sql(whole_query(move, target, true)).relations) {
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
