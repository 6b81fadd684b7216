// NOT NULL: making it, dropping it, and what it contradicts.
#include <fmt/format.h>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

void set_not_null(Visit& visit) {
  if (!is_live_target(visit)) return;
  each_action(visit, "AT_SetNotNull", [&](const Action& action) {
    if (!action.scans) return;
    const std::string name = action.command["name"].string();
    const QualifiedName table = target(visit);
    const std::string column = visit.written().spelled(name);
    const std::string constraint = quoted(sql::object_name(table.name, name, "not_null"));
    const std::string written = target_text(visit);
    const std::vector<std::string> steps =
        visit.version() >= 18
            ? std::vector<std::string>{fmt::format("ALTER TABLE {} ADD CONSTRAINT {} NOT NULL {} NOT VALID", written,
                                                   constraint, column),
                                       fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", written, constraint)}
            : std::vector<std::string>{fmt::format("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID",
                                                   written, constraint, column),
                                       fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", written, constraint),
                                       fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL", written, column),
                                       fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", written, constraint)};
    Finding& finding = visit.report(
        action, fmt::format("SET NOT NULL reads all of {} under ACCESS EXCLUSIVE{}: nobody reads or writes meanwhile",
                            shown(table), size_note(visit, table)));
    finding.safe_form = script(steps);
    // The parser that checks the result does not know the newer form.
    if (visit.version() >= 18 || visit.version() < 12) return;
    finding.fix = replace_command(visit, action, steps);
    finding.fix->needs_no_transaction = true;
  });
}

void drop_not_null(Visit& visit) {
  if (!is_live_target(visit) || visit.down()) return;
  each_action(visit, "AT_DropNotNull", [&](const Action& action) {
    visit.report(
        action, fmt::format("clients that rely on {} never being NULL may fail", shown(action.command["name"].text())));
  });
}

// A column that becomes NOT NULL while inserts of the application leave it out.
void without_default(Visit& visit) {
  if (!is_live_target(visit) || visit.down()) return;
  each_action(visit, "AT_SetNotNull", [&](const Action& action) {
    const Table* table = visit.table(visit.tree["relation"]);
    const Column* column = table == nullptr ? nullptr : table->column(action.command["name"].text());
    if (column == nullptr || column->made_in == from_before || !column->default_text.empty() || column->is_key_counter)
      return;
    visit
        .report(action,
                fmt::format(
                    "{} is new in this migration and has no default: inserts of the running application leave it out, "
                    "and fail from here on",
                    shown(column->name)))
        .safe_form = fmt::format("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT …;  -- until the old application is gone",
                                 target_text(visit), quoted(column->name));
  });
}

// Foreign keys ON DELETE SET NULL over a column that is, or becomes, NOT NULL.
void remember_set_null(Visit& visit) {
  if (!visit.up()) return;
  const QualifiedName owner = target(visit);
  each_foreign_key(visit, [&](Node constraint, const std::vector<std::string>& columns) {
    if (constraint["fk_del_action"].text() != "n") return;
    for (const std::string& column : columns) {
      visit.remember("set null", {0, visit.name_range(constraint.location()), Schema::key(owner), column,
                                  sql::constraint_name(constraint, owner.name, columns.front())});
    }
  });
}

void set_null_on_not_null(Run& run) {
  const auto remembered = run.memory.find("set null");
  if (remembered == run.memory.end()) return;
  for (const Remembered& each : remembered->second) {
    const std::size_t dot = each.table.find('.');
    const QualifiedName name = dot == std::string::npos
                                   ? QualifiedName{{}, each.table}
                                   : QualifiedName{each.table.substr(0, dot), each.table.substr(dot + 1)};
    const Table* table = run.schema.find(name);
    const Column* column = table == nullptr ? nullptr : table->column(each.column);
    if (column == nullptr || !column->not_null) continue;
    Finding& finding = run.report(
        each.file, each.range,
        fmt::format("{} is ON DELETE SET NULL, but {} of {} is NOT NULL by the end: every delete of a referenced "
                    "row fails",
                    shown(each.detail), shown(each.column), shown(each.table)));
    finding.object = each.table;
    finding.safe_form = "ON DELETE RESTRICT";
  }
}

}  // namespace

Rules not_null_rules() {
  return {
      {"set-not-null",
       Severity::error,
       "SET NOT NULL reads the table under ACCESS EXCLUSIVE",
       {"F22", "F23"},
       "Every row is looked at while nobody can read or write. A validated CHECK (c IS NOT NULL) spares the look "
       "(PostgreSQL 12 and later); CHECK (c > 0) does not, because it proves nothing about NULL.",
       "CHECK (c IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT, SET NOT NULL, DROP CONSTRAINT: four commands, not joined "
       "in one "
       "ALTER TABLE and not in one transaction.",
       {"AT_SetNotNull"},
       set_not_null,
       nullptr,
       true},
      {"drop-not-null",
       Severity::off,
       "a column may hold NULL from now on",
       {"F24"},
       "It is instant, but applications that never saw a NULL there may fail.",
       "Let the applications handle NULL first.",
       {"AT_DropNotNull"},
       drop_not_null},
      {"not-null-without-default",
       Severity::warning,
       "a new column becomes NOT NULL without a default",
       {"C14"},
       "Between this migration and the deployment of the new application, the old one inserts rows without the column: "
       "they fail.",
       "Keep a default (or a trigger that fills it) until the old application is gone.",
       {"AT_SetNotNull"},
       without_default},
      {"set-null-on-not-null",
       Severity::error,
       "ON DELETE SET NULL on a NOT NULL column",
       {"C10"},
       "Deleting the referenced row tries to write a NULL that the column refuses, so the delete fails, much later.",
       "ON DELETE RESTRICT or CASCADE, whichever is meant.",
       {"CreateStmt", "AT_AddConstraint", "AT_AddColumn"},
       remember_set_null,
       set_null_on_not_null},
  };
}

}  // namespace segue::lint
