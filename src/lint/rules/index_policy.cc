// Indexes that double others, that nobody can use, or that are matters of taste.
#include <fmt/format.h>

#include <algorithm>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

void duplicate(Visit& visit) {
  if (!visit.up()) return;
  const Table* table = visit.table(visit.tree["relation"]);
  if (table == nullptr) return;
  const Index made = index_of(visit.tree, visit.file.source.text());
  for (const Index& other : table->indexes) {
    if (other.name == made.name && !visit.tree["idxname"].text().empty()) continue;  // index-exists says so
    const bool same =
        other.columns == made.columns && other.predicate == made.predicate && other.method == made.method &&
        (other.options == made.options || (other.of_constraint && made.options.find("DESC") == std::string::npos));
    if (!same || (made.unique && !other.unique)) continue;
    Finding& finding = visit.report(
        fmt::format("{} doubles {}{}: it costs every write and helps no query", shown(made.name), shown(other.name),
                    other.of_constraint ? fmt::format(", which the constraint on {} made", shown_list(other.columns))
                                        : std::string()));
    finding.safe_form = "-- leave it out";
    return;
  }
}

void too_wide(Visit& visit) {
  if (visit.tree["unique"].truth() || visit.tree["indexParams"].size() <= 3) return;
  visit.report(
      fmt::format("an index over {} columns is large and seldom used whole", visit.tree["indexParams"].size()));
}

void hash(Visit& visit) {
  if (visit.tree["accessMethod"].text() == "hash") visit.report("a hash index serves only equality, and no constraint");
}

void column_twice(Visit& visit) {
  std::vector<std::string> seen;
  for (const Node element : visit.tree["indexParams"]) {
    const std::string name = element["name"].string();
    if (name.empty()) continue;
    if (contains(seen, name)) visit.report(fmt::format("{} stands twice in the index", shown(name)));
    seen.push_back(name);
  }
}

void too_many(Visit& visit) {
  const Table* table = visit.table(visit.tree["relation"]);
  constexpr std::size_t many = 12;
  if (table == nullptr || table->indexes.size() < many) return;
  visit.report(
      fmt::format("{} has {} indexes already; each one slows every write", shown(table->name), table->indexes.size()));
}

void on_view(Visit& visit) {
  const Table* table = visit.table(visit.tree["relation"]);
  if (table == nullptr || table->kind != 'v') return;
  visit.report(fmt::format("{} is a view and can have no index; a materialized view or the tables below it can",
                           shown(table->name)));
}

// Functions that look IMMUTABLE and are not: they depend on a setting of the session.
void not_immutable(Visit& visit) {
  static const std::vector<std::string> stable = {"now",
                                                  "to_char",
                                                  "to_timestamp",
                                                  "to_date",
                                                  "age",
                                                  "date_trunc_tz",
                                                  "clock_timestamp",
                                                  "current_setting",
                                                  "random",
                                                  "timeofday",
                                                  "statement_timestamp",
                                                  "concat",
                                                  "concat_ws",
                                                  "gen_random_uuid",
                                                  "unaccent",
                                                  "format"};
  const auto look = [&](Node expression, const char* where) {
    bool told = false;
    sql::walk(expression, [&](Node node) {
      if (told) return false;
      std::string name;
      if (node.is("FuncCall")) name = sql::last_name(node["funcname"]);
      if (node.is("SQLValueFunction")) name = "CURRENT_DATE and its sisters";
      const Function* known = name.empty() ? nullptr : visit.schema.function({{}, name});
      const bool bad = contains(stable, name) || node.is("SQLValueFunction") ||
                       (name == "to_tsvector" && node["args"].size() == 1) ||
                       (known != nullptr && known->is_volatile && known->extension.empty());
      if (bad) {
        visit.report(
            fmt::format("{} in the {} of an index is not IMMUTABLE: the statement is refused", shown(name), where));
        told = true;
      }
      return true;
    });
  };
  for (const Node element : visit.tree["indexParams"]) look(element["expr"], "expression");
  look(visit.tree["whereClause"], "condition");
}

}  // namespace

Rules index_policy_rules() {
  return {
      {"index-duplicate",
       Severity::warning,
       "an index doubles another one",
       {"C12"},
       "A UNIQUE or PRIMARY KEY constraint has an index already; a second one over the same columns is written on "
       "every "
       "change and read by nobody.",
       "Leave it out.",
       {"IndexStmt"},
       duplicate},
      {"index-on-view",
       Severity::error,
       "an index on a plain view",
       {"C13"},
       "A view stores nothing: the statement is refused.",
       "Index the tables below the view, or make it a materialized view.",
       {"IndexStmt"},
       on_view},
      {"index-not-immutable",
       Severity::error,
       "an index expression is not IMMUTABLE",
       {"C13"},
       "The value of an index entry may depend on the row alone. now(), to_char() of a timestamptz, one-argument "
       "to_tsvector() and functions declared VOLATILE are refused.",
       "Use a form that depends on the row alone, such as to_tsvector('english', …), or a column that a trigger keeps.",
       {"IndexStmt"},
       not_immutable},
      {"index-column-twice",
       Severity::warning,
       "a column stands twice in an index",
       {"F8"},
       "The second one adds size and nothing else.",
       "Name each column once.",
       {"IndexStmt"},
       column_twice},
      {"index-too-wide",
       Severity::off,
       "an index over more than three columns",
       {"F8"},
       "Each column makes the index larger; conditions on the last ones seldom use it.",
       "Index what queries filter by.",
       {"IndexStmt"},
       too_wide},
      {"hash-index",
       Severity::off,
       "a hash index",
       {"F8"},
       "It serves equality only and cannot be unique.",
       "A btree index.",
       {"IndexStmt"},
       hash},
      {"index-too-many",
       Severity::off,
       "a table with many indexes",
       {"F8"},
       "Every index is written on every change of the row.",
       "Drop those that pg_stat_user_indexes shows unused.",
       {"IndexStmt"},
       too_many},
  };
}

}  // namespace segue::lint
