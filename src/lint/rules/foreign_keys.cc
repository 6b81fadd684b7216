// Foreign keys: their locks on the other table, their indexes, types and doubles.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

void on_partitioned(Visit& visit) {
  const Table* table = visit.table(visit.tree["relation"]);
  if (table == nullptr || table->kind != 'p' || !is_live_target(visit)) return;
  each_added(visit, "CONSTR_FOREIGN", [&](const Action& action, Node constraint) {
    const bool refused = constraint["skip_validation"].truth() && visit.version() < 18;
    visit
        .report(action, refused ? fmt::format("NOT VALID is refused on {}, which is partitioned (before PostgreSQL 18)",
                                              shown(table->name))
                                : fmt::format("a foreign key on {} locks every partition and the referenced table "
                                              "against writes while it reads them",
                                              shown(table->name)))
        .safe_form = "-- the foreign key on each partition NOT VALID, VALIDATE each, then on the parent";
  });
}

bool is_indexed(const Table& table, const std::vector<std::string>& columns) {
  return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Index& index) {
    if (!index.predicate.empty() || index.columns.size() < columns.size()) return false;
    // The order of the leading columns does not matter.
    return std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
      const auto end = index.columns.begin() + static_cast<std::ptrdiff_t>(columns.size());
      return std::find(index.columns.begin(), end, column) != end;
    });
  });
}

void remember_keys(Visit& visit) {
  if (!visit.up()) return;
  const QualifiedName owner = target(visit);
  each_foreign_key(visit, [&](Node constraint, const std::vector<std::string>& columns) {
    std::string joined;
    for (const std::string& column : columns) joined += (joined.empty() ? "" : ",") + column;
    visit.remember("foreign key", {0, visit.name_range(constraint.location()), Schema::key(owner), joined,
                                   Schema::key(sql::name_of_relation(constraint["pktable"]))});
  });
}

void without_index(Run& run) {
  const auto keys = run.memory.find("foreign key");
  if (keys == run.memory.end()) return;
  for (const Remembered& key : keys->second) {
    const Table* table = run.schema.find(name_of_key(key.table));
    // What indexes a table has is known only of those made here or read from the database.
    if (table == nullptr || table->kind == 'p') continue;
    const bool known = table->complete || run.schema.from_database;
    std::vector<std::string> columns;
    std::size_t from = 0;
    for (std::size_t comma = key.column.find(','); from <= key.column.size(); comma = key.column.find(',', from)) {
      columns.push_back(key.column.substr(from, comma == std::string::npos ? comma : comma - from));
      if (comma == std::string::npos) break;
      from = comma + 1;
    }
    const bool column_made_here = std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
      const Column* each = table->column(column);
      return each != nullptr && each->made_in != from_before;
    });
    if ((!known && !column_made_here) || is_indexed(*table, columns)) continue;
    Finding& finding = run.report(key.file, key.range,
                                  fmt::format("no index on {} ({}): every delete or key change in {} reads all of {}",
                                              key.table, key.column, shown(key.detail), shown(key.table)));
    finding.object = key.table;
    finding.safe_form = fmt::format("CREATE INDEX CONCURRENTLY {} ON {} ({});",
                                    quoted(sql::index_name(name_of_key(key.table).name, columns)),
                                    quoted_key(key.table), quoted_list(columns));
  }
}

// The column's type as the statement gives it, or as it is known.
std::string type_in(const Visit& visit, const QualifiedName& table, const std::string& column) {
  for (const Node element : visit.tree["tableElts"]) {
    if (element.is("ColumnDef") && element["colname"].text() == column) return sql::type_text(element["typeName"]);
  }
  for (const Action& action : visit.facts.actions) {
    if (action.subtype == "AT_AddColumn" && action.command["def"]["colname"].text() == column) {
      return sql::type_text(action.command["def"]["typeName"]);
    }
  }
  return visit.schema.column_type(table, column).value_or("");
}

std::string family(const std::string& type) {
  if (type == "smallint" || type == "integer" || type == "bigint" || type.starts_with("numeric")) return "number";
  if (type == "text" || type.starts_with("character varying")) return "text";
  return type;
}

void types_differ(Visit& visit) {
  if (visit.down()) return;
  each_foreign_key(visit, [&](Node constraint, const std::vector<std::string>& columns) {
    const QualifiedName to = sql::name_of_relation(constraint["pktable"]);
    const Table* other = visit.schema.find(to);
    if (other == nullptr || (!other->complete && !visit.schema.from_database)) return;
    std::vector<std::string> targets = sql::names_of(constraint["pk_attrs"]);
    if (targets.empty()) {
      for (const Constraint& each : other->constraints) {
        if (each.type == ConstraintType::primary) targets = each.columns;
      }
    }
    for (std::size_t index = 0; index < std::min(columns.size(), targets.size()); ++index) {
      const std::string own = type_in(visit, target(visit), columns[index]);
      const Column* column = other->column(targets[index]);
      if (own.empty() || column == nullptr || column->type.empty() || own == column->type) continue;
      const bool refused = family(own) != family(column->type);
      Finding& finding = visit.report(
          visit.name_range(constraint.location()),
          refused ? fmt::format("{} is {}, but {}.{} is {}: the foreign key cannot be made", shown(columns[index]), own,
                                Schema::key(to), targets[index], column->type)
                  : fmt::format("{} is {}, but {}.{} is {}: every check converts, and large keys do not fit",
                                shown(columns[index]), own, Schema::key(to), targets[index], column->type));
      finding.safe_form = column->type;
      if (!refused) finding.severity = std::min(finding.severity, Severity::warning);
    }
  });
}

void several(Visit& visit) {
  if (visit.tree.is("CreateStmt") || visit.down()) return;
  std::set<std::string> tables;
  each_foreign_key(visit, [&](Node constraint, const std::vector<std::string>&) {
    const QualifiedName to = sql::name_of_relation(constraint["pktable"]);
    if (visit.is_live(to) && to != target(visit)) tables.insert(Schema::key(to));
  });
  if (tables.size() < 2 || !is_live_target(visit)) return;
  visit.report(fmt::format("foreign keys to {} tables in one statement: all of them are locked at once", tables.size()))
      .safe_form = "-- one ALTER TABLE … ADD FOREIGN KEY … NOT VALID a transaction";
}

void create_table_references(Visit& visit) {
  if (visit.down()) return;
  std::vector<std::string> live;
  each_foreign_key(visit, [&](Node constraint, const std::vector<std::string>&) {
    const QualifiedName to = sql::name_of_relation(constraint["pktable"]);
    if (to != target(visit) && visit.is_live(to) && !contains(live, Schema::key(to))) live.push_back(Schema::key(to));
  });
  if (live.empty()) return;
  Finding& finding = visit.report(
      visit.name_range(visit.tree["relation"].location()),
      fmt::format(
          "CREATE TABLE with a foreign key locks {} against writes (SHARE ROW EXCLUSIVE) until the transaction ends",
          shown_list(live)));
  finding.safe_form =
      "-- CREATE TABLE without it; then, in a transaction of its own with a lock_timeout: ALTER TABLE … ADD FOREIGN "
      "KEY …";
}

// A second foreign key between the same two tables.
void second(Visit& visit) {
  // A table that this run makes has no clients yet.
  if (visit.down() || !is_live_target(visit)) return;
  const Table* table = visit.table(visit.tree["relation"]);
  each_foreign_key(visit, [&](Node constraint, const std::vector<std::string>& columns) {
    const QualifiedName to = sql::name_of_relation(constraint["pktable"]);
    if (table == nullptr || visit.schema.find(to) == nullptr) return;
    for (const Constraint& each : table->constraints) {
      if (each.type != ConstraintType::foreign || !visit.schema.is_same(each.to, to) || each.columns == columns)
        continue;
      visit
          .report(visit.name_range(constraint.location()),
                  fmt::format("{} has a foreign key to {} already ({}): PostgREST and Supabase clients that embed it "
                              "without naming one get an "
                              "ambiguity error (300)",
                              shown(target(visit)), shown(to), shown_list(each.columns)))
          .safe_form = fmt::format("-- name the foreign key in every embedded query: {}!{}(…)", to.name,
                                   columns.empty() ? "" : columns.front());
      return;
    }
  });
}

void cascade(Visit& visit) {
  each_foreign_key(visit, [&](Node constraint, const std::vector<std::string>&) {
    if (constraint["fk_del_action"].text() != "c") return;
    visit.report(visit.name_range(constraint.location()),
                 fmt::format("ON DELETE CASCADE: one DELETE in {} takes rows here too, without a word",
                             shown(sql::name_of_relation(constraint["pktable"]))));
  });
}

}  // namespace

Rules foreign_key_rules() {
  return {
      {"foreign-key-on-partitioned-table",
       Severity::warning,
       "a foreign key on a partitioned table locks every partition",
       {"F35"},
       "All partitions and the referenced table are locked against writes; NOT VALID is refused before PostgreSQL 18.",
       "Add and validate it on each partition, then on the parent.",
       {"AT_AddConstraint"},
       on_partitioned},
      {"foreign-key-without-index",
       Severity::warning,
       "a foreign key without an index on its own side",
       {"F36"},
       "Every DELETE of a referenced row, and every change of its key, looks for referring rows by reading the whole "
       "table.",
       "CREATE INDEX CONCURRENTLY on the referencing columns, before the foreign key.",
       {"CreateStmt", "AT_AddConstraint", "AT_AddColumn"},
       remember_keys,
       without_index},
      {"foreign-key-type-mismatch",
       Severity::error,
       "a foreign key between different types",
       {"F37", "C9"},
       "Types without a common equality are refused; int against bigint works until the numbers do not fit.",
       "The type of the referenced column.",
       {"CreateStmt", "AT_AddConstraint", "AT_AddColumn"},
       types_differ},
      {"several-foreign-keys",
       Severity::warning,
       "several foreign keys in one statement",
       {"F38"},
       "The locks on all referenced tables are held together: longer waits, and deadlocks.",
       "One a transaction.",
       {"AT_AddConstraint", "AT_AddColumn"},
       several},
      {"create-table-references",
       Severity::note,
       "a new table's foreign key locks the other table",
       {"F39"},
       "The referenced table is locked against writes until the transaction ends; while the lock is waited for, its "
       "writes queue.",
       "A transaction of its own with a short lock_timeout.",
       {"CreateStmt"},
       create_table_references},
      {"second-foreign-key",
       Severity::warning,
       "a second foreign key between two tables",
       {"C15"},
       "Clients that embed the other table by name (PostgREST, Supabase) no longer know which key is meant.",
       "Let every client name the foreign key first.",
       {"CreateStmt", "AT_AddConstraint", "AT_AddColumn"},
       second},
      {"foreign-key-cascade",
       Severity::off,
       "ON DELETE CASCADE",
       {"F37"},
       "Deletes spread without a word.",
       "RESTRICT, or an explicit delete.",
       {"CreateStmt", "AT_AddConstraint", "AT_AddColumn"},
       cascade},
  };
}

}  // namespace segue::lint
