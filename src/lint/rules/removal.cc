// DROP and TRUNCATE: what is lost, what is locked, what dies with it.
#include <fmt/format.h>

#include <algorithm>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

void drop_column(Visit& visit) {
  if (!is_live_target(visit) || visit.down()) return;
  each_action(visit, "AT_DropColumn", [&](const Action& action) {
    const std::string name = action.command["name"].string();
    const Table* table = visit.table(visit.tree["relation"]);
    const Column* column = table == nullptr ? nullptr : table->column(name);
    if (column != nullptr && column->made_in != from_before) return;
    visit
        .report(action, fmt::format("the data in {} of {} is gone for good, and the running application still reads it",
                                    shown(name), shown(target(visit))))
        .safe_form = fmt::format(
        "-- after the last version that uses it: a copy, then\nALTER TABLE {} RENAME COLUMN {} TO {};  -- dropped days "
        "later",
        target_text(visit), visit.written().spelled(name), quoted("dropped_" + name));
  });
}

void drop_table(Visit& visit) {
  if (visit.down()) return;
  if (visit.tree.is("DropOwnedStmt")) {
    visit.report("all that the role owns in this database is gone for good, tables and their data too").safe_form =
        "REASSIGN OWNED BY … TO …;  -- then DROP OWNED takes only the grants";
    return;
  }
  const std::string object = sql::object_word(visit.tree["removeType"].text());
  if (object != "table" && object != "schema" && object != "view" && object != "materialized view" &&
      object != "sequence")
    return;
  for (const Node named : visit.tree["objects"]) {
    const QualifiedName name = named.is("String") ? QualifiedName{{}, named.string()} : sql::name_of_list(named);
    if (object == "table" && !visit.is_live(name)) continue;
    const Table* known = visit.schema.find(name);
    if (known != nullptr && known->made_in != from_before) continue;
    Finding& finding = visit.report(object == "view" || object == "materialized view"
                                        ? fmt::format("whoever reads {} fails from here on", shown(name))
                                        : fmt::format("the {} {} and all that is in it are gone for good{}", object,
                                                      shown(name), size_note(visit, name)));
    finding.object = Schema::key(name);
    if (object == "view" || object == "materialized view" || object == "sequence")
      finding.severity = std::min(finding.severity, Severity::warning);
    if (object == "table") {
      finding.safe_form = fmt::format("ALTER TABLE {} RENAME TO {};  -- dropped days later", quoted(name),
                                      quoted("dropped_" + name.name));
    }
  }
}

void drop_database(Visit& visit) {
  visit.report(fmt::format("the database {} is gone for good", shown(visit.tree["dbname"].text())));
}

// CASCADE takes what nobody names.
void cascade(Visit& visit) {
  const bool dropped = visit.tree.is("DropStmt") && visit.tree["behavior"].text() == "DROP_CASCADE";
  std::vector<std::string> die;
  const auto views_of = [&](const Table* table, const std::string& column) {
    for (const Table* view : visit.schema.views_that_read(*table, column)) {
      const std::string name = "view " + Schema::key(view->name);
      if (!contains(die, name)) die.push_back(name);
    }
  };
  if (dropped) {
    std::string names;
    for (const Node named : visit.tree["objects"]) {
      const QualifiedName name = named.is("ObjectWithArgs") ? sql::name_of_list(named["objname"])
                                 : named.is("TypeName")     ? sql::name_of_list(named["names"])
                                 : named.is("String")       ? QualifiedName{{}, named.string()}
                                                            : sql::name_of_list(named);
      const Table* table = visit.schema.find(name);
      if (table != nullptr && table->made_in != from_before && !visit.down()) return;
      if (table != nullptr) {
        views_of(table, {});
        for (const QualifiedName& other : visit.schema.referencing(name, {}))
          die.push_back("foreign keys of " + Schema::key(other));
      }
      if (!names.empty()) names += ", ";
      names += shown(name);
    }
    std::sort(die.begin(), die.end());
    visit
        .report(die.empty() ? fmt::format("CASCADE drops whatever depends on {}, unseen", names)
                            : fmt::format("CASCADE on {} also drops {}, and nothing here makes them again", names,
                                          shown_list(die)))
        .safe_form =
        "-- without CASCADE: drop by name what is meant to go, and make the rest again in the same transaction";
    return;
  }
  for (const Action& action : visit.facts.actions) {
    if (action.command["behavior"].text() != "DROP_CASCADE") continue;
    const Table* table = visit.table(visit.tree["relation"]);
    die.clear();
    if (table != nullptr && action.subtype == "AT_DropColumn") views_of(table, action.command["name"].string());
    std::sort(die.begin(), die.end());
    visit.report(action,
                 die.empty()
                     ? fmt::format("CASCADE drops whatever depends on {}, unseen", shown(action.command["name"].text()))
                     : fmt::format("CASCADE also drops {}, and nothing here makes them again", shown_list(die)));
  }
}

void truncate(Visit& visit) {
  const bool all_made_here = std::all_of(visit.tree["relations"].begin(), visit.tree["relations"].end(),
                                         [&](Node relation) { return !visit.is_live(relation); });
  if (all_made_here) return;
  const bool cascade = visit.tree["behavior"].text() == "DROP_CASCADE";
  std::vector<std::string> names;
  for (const Node relation : visit.tree["relations"]) names.push_back(Schema::key(sql::name_of_relation(relation)));
  visit
      .report(cascade ? fmt::format(
                            "TRUNCATE … CASCADE empties {} and every table that refers to them, under ACCESS EXCLUSIVE",
                            shown_list(names))
                      : fmt::format("TRUNCATE empties {} for good, under ACCESS EXCLUSIVE", shown_list(names)))
      .safe_form = "-- DELETE in batches, naming each table";
}

void several_drops(Visit& visit) {
  if (visit.tree["removeType"].text() != "OBJECT_TABLE" || visit.down()) return;
  std::vector<std::string> others;
  for (const Node named : visit.tree["objects"]) {
    const QualifiedName name = sql::name_of_list(named);
    if (!visit.is_live(name)) continue;
    for (const QualifiedName& other : visit.schema.referenced(name, {})) {
      if (!contains(others, Schema::key(other))) others.push_back(Schema::key(other));
    }
  }
  if (others.empty()) return;
  visit.report(fmt::format("its foreign keys make DROP TABLE lock {} against everything as well", shown_list(others)))
      .safe_form = "-- first, one by one with a lock_timeout: ALTER TABLE … DROP CONSTRAINT …";
}

void drop_extension(Visit& visit) {
  if (visit.tree["removeType"].text() != "OBJECT_EXTENSION" || visit.down()) return;
  visit.report("function bodies that use the extension are not tracked: they fail when they are next called");
}

}  // namespace

Rules removal_rules() {
  return {
      {"drop-column",
       Severity::warning,
       "a column and its data are dropped",
       {"F45"},
       "The lock is short; the data is gone, its indexes with it, and applications that name the column fail.",
       "In the contract phase, after every application stopped using it; keep a copy, or rename it first and drop it "
       "days later.",
       {"AT_DropColumn"},
       drop_column},
      {"drop-table",
       Severity::error,
       "a table, view or schema is dropped",
       {"F46"},
       "The data is gone, and whoever uses it fails.",
       "Rename it to a name that says so; drop it days later.",
       {"DropStmt", "DropOwnedStmt"},
       drop_table},
      {"drop-database",
       Severity::error,
       "a database is dropped",
       {"F46"},
       "All of it is gone.",
       "Not in a migration.",
       {"DropdbStmt"},
       drop_database},
      {"drop-cascade",
       Severity::error,
       "CASCADE drops what is not named",
       {"C5"},
       "Views, foreign keys and functions that depend on it vanish without a word, and nobody makes them again.",
       "Without CASCADE: name what goes and make the rest again.",
       {"DropStmt", "AlterTableStmt"},
       cascade},
      {"truncate",
       Severity::warning,
       "TRUNCATE empties a table under ACCESS EXCLUSIVE",
       {"F47"},
       "It locks every table that refers to it too; with CASCADE it empties them.",
       "DELETE in batches.",
       {"TruncateStmt"},
       truncate},
      {"drop-table-locks-others",
       Severity::warning,
       "DROP TABLE locks the tables it refers to",
       {"F44"},
       "Dropping its foreign keys takes ACCESS EXCLUSIVE on the referenced tables.",
       "Drop the foreign keys one by one before.",
       {"DropStmt"},
       several_drops},
      {"drop-extension",
       Severity::warning,
       "an extension is dropped",
       {"F70"},
       "Function bodies are text: nobody knows which of them use the extension.",
       "Search pg_proc.prosrc first.",
       {"DropStmt"},
       drop_extension},
  };
}

}  // namespace segue::lint
