// Triggers and what they read.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lint/rules/help.h"
#include "sql/embedded.h"

namespace segue::lint {
namespace {

void locks(Visit& visit) {
  if (visit.down()) return;
  const bool drops = visit.tree.is("DropStmt");
  if (drops && visit.tree["removeType"].text() != "OBJECT_TRIGGER") return;
  const sql::Touched* table = nullptr;
  for (const sql::Touched& object : visit.facts.objects) {
    if (object.kind == "table") table = &object;
  }
  if (table == nullptr || !visit.is_live(table->name)) return;
  visit
      .report(drops ? fmt::format("DROP TRIGGER locks {} against reads and writes (ACCESS EXCLUSIVE), for a moment",
                                  shown(table->name))
                    : fmt::format("CREATE TRIGGER locks {} against writes (SHARE ROW EXCLUSIVE), for a moment",
                                  shown(table->name)))
      .safe_form = "SET lock_timeout = '2s';  -- and try again when it strikes";
}

// The columns that a body reads of the new or old row: NEW.total.
std::vector<std::string> row_columns(const std::string& body) {
  std::vector<std::string> found;
  const auto tokens = sql::tokens_of(body, 0, body.size());
  for (std::size_t index = 0; index + 2 < tokens.size(); ++index) {
    if (!sql::is_word(body, tokens[index], "new") && !sql::is_word(body, tokens[index], "old")) continue;
    if (!sql::is_sign(body, tokens[index + 1], '.')) continue;
    const std::string name = sql::folded(tokens[index + 2].in(body));
    if (!contains(found, name)) found.push_back(name);
  }
  return found;
}

std::string body_of(const Function& function) {
  const sql::Range body = sql::quoted_body(function.definition, 0, function.definition.size());
  return function.definition.substr(body.begin, body.end - body.begin);
}

const Function* function_of_trigger(const Schema& schema, const std::string& key) {
  const std::size_t dot = key.find('.');
  return schema.function(dot == std::string::npos ? QualifiedName{{}, key}
                                                  : QualifiedName{key.substr(0, dot), key.substr(dot + 1)});
}

// A trigger whose function reads a column that the table does not have, or is about to lose.
void reads_missing_column(Visit& visit) {
  if (!visit.up()) return;
  const Table* table = visit.table(visit.tree["relation"]);
  if (table == nullptr || (!table->complete && !visit.schema.from_database)) return;
  if (visit.tree.is("CreateTrigStmt")) {
    const Function* function = visit.schema.function(sql::name_of_list(visit.tree["funcname"]));
    if (function == nullptr || !visit.tree["row"].truth()) return;
    for (const std::string& column : row_columns(body_of(*function))) {
      if (table->column(column) != nullptr) continue;
      visit.report(fmt::format("{} reads NEW.{}, and {} has no such column: every write to it fails",
                               shown(function->name), column, shown(table->name)));
      return;
    }
    return;
  }
  const auto gone = [&](const std::string& column, sql::Range range) {
    for (const Trigger& trigger : table->triggers) {
      const Function* function = function_of_trigger(visit.schema, trigger.function);
      if (function == nullptr || !contains(row_columns(body_of(*function)), column)) continue;
      visit.report(range, fmt::format("the trigger {} reads {} in {}: every write to {} fails from here on",
                                      shown(trigger.name), shown(column), shown(function->name), shown(table->name)));
    }
  };
  if (visit.tree.is("RenameStmt")) {
    if (visit.tree["renameType"].text() == "OBJECT_COLUMN")
      gone(visit.tree["subname"].string(), visit.statement_range());
    return;
  }
  each_action(visit, "AT_DropColumn",
              [&](const Action& action) { gone(action.command["name"].string(), visit.command_range(action)); });
}

void remember_updated(Visit& visit) {
  if (!visit.up()) return;
  for (const Node element : visit.tree["tableElts"]) {
    const std::string name = element["colname"].string();
    if (name != "updated_at" && name != "updatedAt") continue;
    visit.remember("updated_at",
                   {0, visit.name_range(element.location()), Schema::key(target(visit)),
                    visit.tree["relation"]["schemaname"].string(), visit.tree["relation"]["relname"].string()});
  }
}

bool touches(const Table& table) {
  return std::any_of(table.triggers.begin(), table.triggers.end(), [](const Trigger& each) {
    const std::string name = lower(each.function + " " + each.name);
    return name.find("updat") != std::string::npos || name.find("touch") != std::string::npos ||
           name.find("timestamp") != std::string::npos || name.find("moddatetime") != std::string::npos;
  });
}

// updated_at without the trigger that its sisters have.
void without_trigger(Run& run) {
  const auto made = run.memory.find("updated_at");
  if (made == run.memory.end()) return;
  std::string sister;  // a table whose trigger does it
  for (const auto& [key, other] : run.schema.tables()) {
    const bool marked =
        other->column("updated_at") != nullptr || other->column("updatedAt") != nullptr || !other->complete;
    if (marked && touches(*other) && (sister.empty() || key < sister)) sister = key;
  }
  if (sister.empty()) return;
  for (const Remembered& each : made->second) {
    const Table* table = run.schema.find({each.column, each.detail});
    if (table == nullptr || touches(*table)) continue;
    Finding& finding = run.report(each.file, each.range,
                                  fmt::format("nothing keeps updated_at of {} up to date, as a trigger does for {}",
                                              shown(each.table), shown(sister)));
    finding.object = each.table;
    finding.safe_form =
        fmt::format("CREATE TRIGGER … BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION …;", quoted_key(each.table));
  }
}

}  // namespace

Rules trigger_rules() {
  return {
      {"trigger-lock",
       Severity::note,
       "a trigger comes or goes",
       {"F58"},
       "CREATE TRIGGER stops writes, DROP TRIGGER stops reads too, for a moment and for as long as they wait.",
       "A lock_timeout and retries.",
       {"CreateTrigStmt", "DropStmt"},
       locks},
      {"trigger-reads-missing-column",
       Severity::error,
       "a trigger reads a column that is not there",
       {"C3"},
       "Its function compiles; every INSERT or UPDATE on the table then fails.",
       "Change the function first.",
       {"CreateTrigStmt", "AT_DropColumn", "RenameStmt"},
       reads_missing_column},
      {"updated-at-without-trigger",
       Severity::warning,
       "updated_at that nothing updates",
       {"D9"},
       "Other tables have a trigger for it, so readers trust it.",
       "The same trigger.",
       {"CreateStmt"},
       remember_updated,
       without_trigger},
  };
}

}  // namespace segue::lint
