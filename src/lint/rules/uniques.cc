// Uniqueness that does not hold what it promises.
#include <fmt/format.h>

#include <algorithm>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

using Keys = std::vector<std::pair<std::string, std::vector<std::string>>>;  // name and columns, all rows

Keys unique_keys(const Table& table) {
  Keys keys;
  for (const Index& each : table.indexes) {
    if (each.unique && each.predicate.empty() && each.plain) keys.emplace_back(each.name, each.columns);
  }
  return keys;
}

// ON CONFLICT (columns) needs a unique index over just these.
void conflict_target(Visit& visit) {
  const Node infer = visit.tree["onConflictClause"]["infer"];
  const Table* table = visit.table(visit.tree["relation"]);
  if (!infer || infer["conname"] || infer["whereClause"] || table == nullptr || visit.in_code) return;
  if (!table->complete && !visit.schema.from_database) return;
  std::vector<std::string> wanted;
  for (const Node element : infer["indexElems"]) {
    if (element["name"].text().empty()) return;
    wanted.push_back(element["name"].string());
  }
  const bool found = std::any_of(table->indexes.begin(), table->indexes.end(), [&](const Index& each) {
    return each.unique && each.predicate.empty() &&
           std::is_permutation(each.columns.begin(), each.columns.end(), wanted.begin(), wanted.end());
  });
  if (found) return;
  visit
      .report(
          visit.name_range(infer.location(visit.statement.piece.begin)),
          fmt::format("no unique index on {} ({}): ON CONFLICT fails (42P10)", shown(table->name), shown_list(wanted)))
      .safe_form =
      fmt::format("CREATE UNIQUE INDEX CONCURRENTLY ON {} ({});", quoted(table->name), quoted_list(wanted));
}

// UNIQUE over a nullable column: NULLs never collide.
void over_nullable(Visit& visit) {
  if (!visit.up()) return;
  const Table* table = visit.table(visit.tree["relation"]);
  const auto nullable = [&](const std::string& name) -> std::optional<bool> {
    for (const Node element : visit.tree["tableElts"]) {
      if (!element.is("ColumnDef") || element["colname"].text() != name) continue;
      return !constraint_in(element, "CONSTR_NOTNULL") && !constraint_in(element, "CONSTR_PRIMARY") &&
             !sql::is_serial(element["typeName"]) && !constraint_in(element, "CONSTR_IDENTITY");
    }
    if (table == nullptr) return std::nullopt;
    const Column* column = table->column(name);
    return column == nullptr || column->type.empty() ? std::nullopt : std::optional<bool>(!column->not_null);
  };
  // Over one column it is usual: many rows without a value, others unique.
  const auto look = [&](const std::vector<std::string>& columns, bool nulls_not_distinct, sql::Range range) {
    if (columns.size() < 2 || nulls_not_distinct) return;
    std::vector<std::string> primary;
    for (const Node element : visit.tree["tableElts"]) {
      if (element["contype"].text() == "CONSTR_PRIMARY") primary = sql::names_of(element["keys"]);
    }
    for (const std::string& column : columns) {
      if (nullable(column) != true || contains(primary, column)) continue;
      visit
          .report(range,
                  fmt::format("{} may be NULL, and rows with NULL never collide: the uniqueness does not hold for them",
                              shown(column)))
          .safe_form =
          visit.version() >= 15 ? "UNIQUE NULLS NOT DISTINCT (…), or NOT NULL on the column" : "NOT NULL on the column";
      return;
    }
  };
  if (visit.tree.is("IndexStmt")) {
    if (visit.tree["unique"].truth() && !visit.tree["whereClause"]) {
      std::vector<std::string> columns;
      for (const Node element : visit.tree["indexParams"]) columns.push_back(element["name"].string());
      look(columns, visit.tree["nulls_not_distinct"].truth(), visit.statement_range());
    }
    return;
  }
  for (const Node element : visit.tree["tableElts"]) {
    if (element["contype"].text() == "CONSTR_UNIQUE")
      look(sql::names_of(element["keys"]), element["nulls_not_distinct"].truth(), visit.name_range(element.location()));
  }
  each_added(visit, "CONSTR_UNIQUE", [&](const Action& action, Node constraint) {
    look(sql::names_of(constraint["keys"]), constraint["nulls_not_distinct"].truth(), visit.command_range(action));
  });
}

// A new unique over more columns beside an old one over fewer.
void remember_unique(Visit& visit) {
  if (!visit.up()) return;
  const auto keep = [&](const std::vector<std::string>& columns, sql::Range range) {
    if (columns.size() < 2) return;
    std::string joined;
    for (const std::string& column : columns) joined += column + ",";
    visit.remember("unique", {0, range, Schema::key(target(visit)), joined, ""});
  };
  if (visit.tree.is("IndexStmt")) {
    if (!visit.tree["unique"].truth()) return;
    std::vector<std::string> columns;
    for (const Node element : visit.tree["indexParams"]) columns.push_back(element["name"].string());
    return keep(columns, visit.statement_range());
  }
  each_added(visit, "CONSTR_UNIQUE", [&](const Action& action, Node constraint) {
    keep(sql::names_of(constraint["keys"]), visit.command_range(action));
  });
}

void global_remains(Run& run) {
  const auto made = run.memory.find("unique");
  if (made == run.memory.end()) return;
  for (const Remembered& each : made->second) {
    const std::size_t dot = each.table.find('.');
    const Table* table = run.schema.find(dot == std::string::npos
                                             ? QualifiedName{{}, each.table}
                                             : QualifiedName{each.table.substr(0, dot), each.table.substr(dot + 1)});
    if (table == nullptr) continue;
    std::vector<std::string> columns;
    for (std::size_t from = 0, comma = 0; (comma = each.column.find(',', from)) != std::string::npos; from = comma + 1)
      columns.push_back(each.column.substr(from, comma - from));
    for (const auto& [name, narrower] : unique_keys(*table)) {
      const bool primary =
          std::any_of(table->constraints.begin(), table->constraints.end(),
                      [&](const Constraint& key) { return key.name == name && key.type == ConstraintType::primary; });
      const bool within =
          narrower.size() < columns.size() &&
          std::all_of(
              narrower.begin(), narrower.end(), [&](const std::string& column) { return contains(columns, column); });
      if (primary || !within) continue;
      Finding& finding = run.report(each.file, each.range,
                                    fmt::format("{} still keeps {} unique over the whole table: the second tenant "
                                                "cannot use a value that the first one has",
                                                shown(name), shown_list(narrower)));
      finding.object = each.table;
      finding.safe_form = fmt::format("ALTER TABLE {} DROP CONSTRAINT {};  -- once no statement infers on it",
                                      each.table, quoted(name));
    }
  }
}

}  // namespace

Rules unique_rules() {
  return {
      {"conflict-without-unique-index",
       Severity::error,
       "ON CONFLICT without a matching unique index",
       {"C7"},
       "There is no unique or exclusion constraint matching the ON CONFLICT specification.",
       "A unique index over just these columns.",
       {"InsertStmt"},
       conflict_target},
      {"unique-over-nullable",
       Severity::warning,
       "UNIQUE over a column that may be NULL",
       {"C7"},
       "NULL equals nothing, so rows with NULL never collide.",
       "NOT NULL, or NULLS NOT DISTINCT (PostgreSQL 15).",
       {"CreateStmt", "AT_AddConstraint", "IndexStmt"},
       over_nullable},
      {"global-unique-remains",
       Severity::warning,
       "the old global UNIQUE stays beside the new one",
       {"C11"},
       "As long as it is there, the new, wider key allows nothing that the old one forbids.",
       "Drop the old one in the same migration.",
       {"AT_AddConstraint", "IndexStmt"},
       remember_unique,
       global_remains},
  };
}

}  // namespace segue::lint
