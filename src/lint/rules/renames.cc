// New names for what the running application calls by the old one, and prepared statements that break.
#include <fmt/format.h>

#include <algorithm>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

std::string with_view(const Visit& visit, const std::string& next) {
  return fmt::format(
      "BEGIN;\nALTER TABLE {0} RENAME TO {1};\nCREATE VIEW {0} {2}AS SELECT * FROM {1};  -- until the last "
      "application says {1}\nCOMMIT;",
      target_text(visit), quoted(next), visit.version() >= 15 ? "WITH (security_invoker) " : "");
}

// In a transaction the old name may be made again before anybody misses it: a view, or another table under it.
void rename_table(Visit& visit, const std::string& next) {
  visit.remember("name made again", {0, {}, Schema::key({target(visit).schema, next}), {}, {}});
  if (!is_live_target(visit)) return;
  visit.remember("renamed", {0,
                             {},
                             Schema::key(target(visit)),
                             visit.in_transaction && !visit.in_code ? "in a transaction" : "",
                             with_view(visit, next)});
}

void report_renamed(Run& run) {
  const auto renamed = run.memory.find("renamed");
  if (renamed == run.memory.end()) return;
  const auto made = run.memory.find("name made again");
  for (const Remembered& each : renamed->second) {
    const auto again = [&](const Remembered& other) {
      return other.file == each.file && other.table == each.table && other.range.begin > each.range.begin;
    };
    if (!each.column.empty() && made != run.memory.end() &&
        std::any_of(made->second.begin(), made->second.end(), again))
      continue;
    Finding& finding =
        run.report(each.file, each.range, fmt::format("applications that say {} fail from here on", shown(each.table)));
    finding.object = each.table;
    finding.lock = sql::Lock::access_exclusive;
    finding.blocks = sql::blocks_of(finding.lock);
    finding.safe_form = each.detail;
  }
}

void rename(Visit& visit) {
  if (visit.down()) return;
  const Node tree = visit.tree;
  if (tree.is("ViewStmt")) {
    visit.remember("name made again", {0, {}, Schema::key(sql::name_of_relation(tree["view"])), {}, {}});
    return;
  }
  const std::string object = sql::object_word(tree["renameType"].text());
  const std::string next = tree["newname"].string();
  if (object == "table" || object == "view" || object == "materialized view") {
    rename_table(visit, next);
  } else if (object == "column" || object == "attribute") {
    const Table* table = visit.table(tree["relation"]);
    const Column* column = table == nullptr ? nullptr : table->column(tree["subname"].text());
    if (!is_live_target(visit) || (column != nullptr && column->made_in != from_before)) return;
    visit
        .report(fmt::format("applications that say {}.{} fail from here on", Schema::key(target(visit)),
                            tree["subname"].text()))
        .safe_form = fmt::format(
        "ALTER TABLE {0} ADD COLUMN {1} …;\n-- a trigger that keeps both equal, a backfill; the old one goes when "
        "nobody uses it",
        target_text(visit), quoted(next));
  } else if (object == "schema" || object == "type") {
    const Type* type = object == "type" ? visit.schema.type(sql::name_of_list(tree["object"])) : nullptr;
    if (type != nullptr && type->made_in != from_before) return;
    visit.report(fmt::format("whatever names the {} by its old name fails from here on", object));
  }
}

void rename_label(Visit& visit) {
  if (!visit.tree["oldVal"] || visit.down()) return;
  visit.report(fmt::format("applications that say '{}' fail from here on", visit.tree["oldVal"].text())).safe_form =
      fmt::format("ALTER TYPE {} ADD VALUE '{}' AFTER '{}';  -- then change the rows",
                  quoted(sql::name_of_list(visit.tree["typeName"])), visit.tree["newVal"].text(),
                  visit.tree["oldVal"].text());
}

void set_schema(Visit& visit) {
  if (!visit.tree["relation"] || !is_live_target(visit) || visit.down()) return;
  visit.report(fmt::format("{} is found under its old name only where the search_path names the new schema",
                           shown(target(visit))));
}

// SELECT * and RETURNING * of live sessions fail once when the columns change.
void prepared_statements(Visit& visit) {
  if (visit.down()) return;
  if (visit.tree.is("RenameStmt")) {
    if (visit.tree["renameType"].text() != "OBJECT_COLUMN" || !is_live_target(visit)) return;
  } else {
    bool changes = false;
    for (const Action& action : visit.facts.actions) {
      changes = changes || action.subtype == "AT_AddColumn" || action.subtype == "AT_DropColumn" ||
                action.subtype == "AT_AlterColumnType";
    }
    if (!changes || !is_live_target(visit)) return;
  }
  const std::string table = Schema::key(target(visit));
  for (const Remembered& told : visit.remembered("prepared")) {
    if (told.table == table) return;
  }
  visit.remember("prepared", {0, {}, table, "", ""});
  visit
      .report(visit.name_range(visit.tree["relation"].location()),
              fmt::format("live sessions with a prepared SELECT * or RETURNING * on {} fail once: cached plan must not "
                          "change result type (0A000)",
                          shown(target(visit))))
      .safe_form = "-- explicit column lists; or retry once on SQLSTATE 0A000; or new connections after the migration";
}

}  // namespace

Rules rename_rules() {
  return {
      {"rename",
       Severity::warning,
       "a name that the running application uses changes",
       {"F48"},
       "The change is instant, and so is the failure of every statement with the old name.",
       "Both names for a while: an updatable view under the old name in the same transaction, or a second column kept "
       "equal.",
       {"RenameStmt", "ViewStmt"},
       rename,
       report_renamed},
      {"rename-enum-label",
       Severity::warning,
       "a label of an enum changes",
       {"F48"},
       "Applications that write the old label fail.",
       "Add the new one, change the rows, stop using the old one.",
       {"AlterEnumStmt"},
       rename_label},
      {"set-schema",
       Severity::warning,
       "a table moves to another schema",
       {"F48"},
       "Applications that name it with its schema fail.",
       "A view at the old place.",
       {"AlterObjectSchemaStmt"},
       set_schema},
      {"prepared-select-star",
       Severity::note,
       "prepared SELECT * breaks",
       {"F21"},
       "A column that comes, goes or changes its type makes prepared SELECT * and RETURNING * fail in sessions that "
       "are open, until "
       "they prepare again. Explicit column lists survive ADD COLUMN; a widened varchar breaks even SELECT v.",
       "Recycle connections, or retry once on SQLSTATE 0A000.",
       {"AlterTableStmt", "RenameStmt"},
       prepared_statements},
  };
}

}  // namespace segue::lint
