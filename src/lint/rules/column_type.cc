// ALTER COLUMN … TYPE.
#include <fmt/format.h>

#include <algorithm>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

struct Change {
  const Action& action;
  std::string column;
  std::string after;
  std::optional<std::string> before;
};

void each_change(Visit& visit, const std::function<void(const Change&)>& take) {
  if (!is_live_target(visit)) return;
  each_action(visit, "AT_AlterColumnType", [&](const Action& action) {
    const std::string column = action.command["name"].string();
    take({action, column, sql::type_text(action.command["def"]["typeName"]),
          visit.schema.column_type(target(visit), column)});
  });
}

void rewrite(Visit& visit) {
  each_change(visit, [&](const Change& change) {
    if (!change.action.rewrites) return;
    const std::string table = target_text(visit);
    const bool sure = change.before.has_value() || change.action.command["def"]["raw_default"];
    Finding& finding = visit.report(
        change.action, fmt::format("changing {} {}to {} {} all of {} and its indexes under ACCESS EXCLUSIVE{}",
                                   shown(change.column), change.before ? "from " + *change.before + " " : "",
                                   change.after, sure ? "rewrites" : "rewrites, unless it only widens the type,",
                                   shown(target(visit)), size_note(visit, target(visit))));
    finding.safe_form = fmt::format(
        "ALTER TABLE {0} ADD COLUMN {1} {2};\n-- a trigger that keeps both equal, a backfill in batches, then change "
        "their names",
        table, quoted(change.column + "_new"), change.after);
  });
}

void checked(Visit& visit) {
  each_change(visit, [&](const Change& change) {
    if (change.action.rewrites || !change.action.scans) return;
    visit
        .report(
            change.action,
            fmt::format("the type changes without a rewrite, but a CHECK or foreign key on {} is tried on every row "
                        "under ACCESS EXCLUSIVE",
                        shown(change.column)))
        .safe_form = "-- drop the constraint, change the type, add it again NOT VALID, then VALIDATE CONSTRAINT";
  });
}

void referenced(Visit& visit) {
  each_change(visit, [&](const Change& change) {
    const auto others = visit.schema.referencing(target(visit), change.column);
    if (others.empty()) return;
    std::vector<std::string> names;
    for (const QualifiedName& other : others) names.push_back(Schema::key(other));
    visit
        .report(
            change.action,
            fmt::format("foreign keys of {} refer to {}: these tables are locked (ACCESS EXCLUSIVE) and read as well",
                        shown_list(names), shown(change.column)))
        .safe_form = "-- drop the foreign keys first; add them again NOT VALID, then VALIDATE CONSTRAINT";
  });
}

// A view that reads the column makes TYPE and DROP fail.
void used_by_view(Visit& visit) {
  const auto look = [&](const Action& action, const std::string& column) {
    const Table* table = visit.table(visit.tree["relation"]);
    if (table == nullptr) return;
    for (const Table* view : visit.schema.views_that_read(*table, column)) {
      if (action.command["behavior"].text() == "DROP_CASCADE") continue;
      visit
          .report(action,
                  fmt::format("the view {} reads {}: the statement is refused", shown(view->name), shown(column)))
          .safe_form =
          fmt::format("-- in one transaction: DROP VIEW {0}; change the column; CREATE VIEW {0} again, with its grants",
                      Schema::key(view->name));
    }
  };
  each_action(visit, "AT_AlterColumnType",
              [&](const Action& action) { look(action, action.command["name"].string()); });
  each_action(visit, "AT_DropColumn", [&](const Action& action) { look(action, action.command["name"].string()); });
}

// The planner knows nothing of the column until the next ANALYZE.
void remember_change(Visit& visit) {
  each_change(visit, [&](const Change& change) {
    visit.remember("type changed",
                   {0, visit.command_range(change.action), Schema::key(target(visit)), change.column, ""});
  });
}

void remember_analyze(Visit& visit) {
  if (visit.tree["rels"].empty()) visit.remember("analyzed", {0, {}, "*", "", ""});
  for (const Node relation : visit.tree["rels"]) {
    visit.remember("analyzed", {0, {}, Schema::key(sql::name_of_relation(relation["relation"])), "", ""});
  }
}

void remember(Visit& visit) {
  visit.tree.is("VacuumStmt") ? remember_analyze(visit) : remember_change(visit);
}

void without_analyze(Run& run) {
  const auto changed = run.memory.find("type changed");
  if (changed == run.memory.end()) return;
  for (const Remembered& change : changed->second) {
    const auto analyzed = run.memory.find("analyzed");
    const bool done = analyzed != run.memory.end() &&
                      std::any_of(analyzed->second.begin(), analyzed->second.end(), [&](const Remembered& each) {
                        return (each.table == change.table || each.table == "*") &&
                               std::tie(each.file, each.range.begin) > std::tie(change.file, change.range.begin);
                      });
    if (done) continue;
    Finding& finding =
        run.report(change.file, change.range,
                   fmt::format("the statistics of {} are gone after the change of type; plans may be bad until ANALYZE",
                               shown(change.column)));
    finding.object = change.table;
    finding.safe_form = fmt::format("ANALYZE {} ({});", quoted_key(change.table), quoted(change.column));
  }
}

// A conversion to an enum that leaves out labels which the rows hold shows only on the data; what the text tells is a
// cast without a mapping from a type that is no enum.
void to_enum(Visit& visit) {
  each_change(visit, [&](const Change& change) {
    const Type* type = visit.schema.type(sql::name_of_list(change.action.command["def"]["typeName"]["names"]));
    if (type == nullptr || type->kind != 'e') return;
    // Casts of the column itself; a CASE is a mapping.
    Node conversion = change.action.command["def"]["raw_default"];
    if (!conversion.is("TypeCast")) return;
    while (conversion.is("TypeCast")) conversion = conversion["arg"];
    if (!conversion.is("ColumnRef")) return;
    visit
        .report(change.action,
                fmt::format("every value of {} must be a label of {}; one that is not ends the statement",
                            shown(change.column), shown(change.after)))
        .safe_form = "-- a mapping of every value that is there: CASE … END, or a `convert` move";
  });
}

}  // namespace

Rules column_type_rules() {
  return {
      {"change-column-type",
       Severity::error,
       "a change of type rewrites the table",
       {"F25", "F26"},
       "Most changes of a column's type write every row and every index anew while nobody can read. Widening a "
       "varchar, "
       "varchar to text, a higher precision of numeric with the same scale and a few more change only the catalog.",
       "A new column beside it, kept equal by a trigger, filled in batches; then the names change.",
       {"AT_AlterColumnType"},
       rewrite},
      {"change-type-of-checked-column",
       Severity::warning,
       "a CHECK is tried again on every row",
       {"F27"},
       "Even a change of type that rewrites nothing verifies the constraints on the column under ACCESS EXCLUSIVE.",
       "Drop the constraint, change the type, add it NOT VALID, VALIDATE.",
       {"AT_AlterColumnType"},
       checked},
      {"change-type-of-referenced-column",
       Severity::warning,
       "tables that refer to the column are locked too",
       {"F28"},
       "Foreign keys over the column are made anew: the referencing tables are locked and read.",
       "Drop the foreign keys first.",
       {"AT_AlterColumnType"},
       referenced},
      {"column-used-by-view",
       Severity::error,
       "a view reads the column",
       {"F29", "C5"},
       "PostgreSQL refuses to change or drop a column that a view reads.",
       "Drop the views and make them again in the same transaction.",
       {"AT_AlterColumnType", "AT_DropColumn"},
       used_by_view},
      {"type-change-without-analyze",
       Severity::note,
       "the column's statistics are gone",
       {"F30"},
       "A change of type removes the statistics of the column, and the planner guesses.",
       "ANALYZE table (column) right after it.",
       {"AT_AlterColumnType", "VacuumStmt"},
       remember,
       without_analyze},
      {"enum-cast-without-mapping",
       Severity::warning,
       "text becomes an enum by a plain cast",
       {"A6"},
       "A value in the data that is no label of the enum ends the statement, in production, at night.",
       "A mapping that names every value which is there.",
       {"AT_AlterColumnType"},
       to_enum},
  };
}

}  // namespace segue::lint
