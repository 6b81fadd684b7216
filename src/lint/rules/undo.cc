// Rollback files: what they take away that they did not make, and what they forget to bring back.
#include <fmt/format.h>

#include <algorithm>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

// Drops of what was there before this run.
void drops_what_was_there(Visit& visit) {
  if (!visit.down()) return;
  const bool knows = visit.schema.from_database;
  const auto tell = [&](sql::Range range, const std::string& what, bool guarded) {
    visit
        .report(range, fmt::format("{} was there before the migration: the undo destroys it{}", what,
                                   guarded ? ", and IF EXISTS makes sure that nobody notices" : ""))
        .safe_form = "-- leave it; undo only what `up` made";
  };
  if (visit.tree.is("AlterTableStmt")) {
    const Table* table = visit.table(visit.tree["relation"]);
    if (table == nullptr) return;
    for (const Action& action : visit.facts.actions) {
      const std::string name = action.command["name"].string();
      const bool guarded = action.command["missing_ok"].truth();
      if (action.subtype == "AT_DropColumn") {
        const Column* column = table->column(name);
        if (column != nullptr && column->made_in == from_before && (knows || !column->type.empty()))
          tell(visit.command_range(action), "the column " + shown(Schema::key(table->name) + "." + name), guarded);
        if (column == nullptr && !knows && !table->complete && table->made_in == from_before) {
          Finding& finding =
              visit.report(visit.command_range(action),
                           fmt::format("nothing in these files makes {}: if it was there before, the undo destroys it",
                                       shown(name)));
          finding.severity = std::min(finding.severity, Severity::warning);
        }
      }
      if (action.subtype == "AT_DropConstraint") {
        const Constraint* constraint = table->constraint(name);
        if (constraint != nullptr && constraint->made_in == from_before && knows)
          tell(visit.command_range(action), "the constraint " + shown(name), guarded);
      }
    }
    return;
  }
  const std::string object = sql::object_word(visit.tree["removeType"].text());
  if (object != "table" && object != "index" && object != "view") return;
  for (const Node named : visit.tree["objects"]) {
    const QualifiedName name = sql::name_of_list(named);
    const bool guarded = visit.tree["missing_ok"].truth();
    if (object == "index") {
      const Table* owner = visit.schema.table_with_index(name);
      const Index* index = owner == nullptr ? nullptr : owner->index(name.name);
      if (index != nullptr && index->made_in == from_before && knows)
        tell(visit.statement_range(), "the index " + shown(name), guarded);
      continue;
    }
    const Table* table = visit.schema.find(name);
    if (table != nullptr && table->made_in == from_before && knows)
      tell(visit.statement_range(), "the " + object + " " + shown(name), guarded);
  }
}

// What `up` drops, an undo has to make again.
void remember_drop(Visit& visit) {
  if (visit.section.direction == Direction::verify) return;
  for (const Action& action : visit.facts.actions) {
    const std::string table = Schema::key(target(visit));
    if (visit.down()) {
      visit.remember("any undo", {});
      if (action.subtype == "AT_AddConstraint")
        visit.remember("made again",
                       {0, {}, table, sql::constraint_name(action.command["def"], target(visit).name, {}), ""});
      continue;
    }
    if (action.subtype != "AT_DropConstraint") continue;
    const Table* known = visit.table(visit.tree["relation"]);
    const Constraint* constraint = known == nullptr ? nullptr : known->constraint(action.command["name"].text());
    if (constraint != nullptr && constraint->made_in != from_before) continue;
    // Of a guess with IF EXISTS only the database knows whether it drops anything.
    if (action.command["missing_ok"].truth() && visit.schema.from_database && constraint == nullptr) continue;
    visit.remember("dropped constraint", {0, visit.command_range(action), table, action.command["name"].string(), ""});
  }
  if (visit.down()) visit.remember("any undo", {});
}

void not_brought_back(Run& run) {
  const auto dropped = run.memory.find("dropped constraint");
  if (dropped == run.memory.end() || !run.memory.contains("any undo")) return;
  const auto made = run.memory.find("made again");
  for (const Remembered& each : dropped->second) {
    const bool back =
        made != run.memory.end() && std::any_of(made->second.begin(), made->second.end(), [&](const Remembered& other) {
          return other.table == each.table && other.column == each.column;
        });
    if (back) continue;
    Finding& finding = run.report(
        each.file, each.range, fmt::format("{} is dropped, and the undo does not make it again", shown(each.column)));
    finding.object = each.table;
    finding.safe_form =
        fmt::format("ALTER TABLE {} ADD CONSTRAINT {} …;  -- in the undo", quoted_key(each.table), quoted(each.column));
  }
}

// Drops in the wrong order: a table before what refers to it.
void wrong_order(Visit& visit) {
  if (!visit.down() || visit.tree["removeType"].text() != "OBJECT_TABLE" ||
      visit.tree["behavior"].text() == "DROP_CASCADE")
    return;
  const auto gone = [&](const std::string& table) {
    const auto& before = visit.remembered("file:dropped in undo");
    return std::any_of(before.begin(), before.end(), [&](const Remembered& each) { return each.table == table; });
  };
  std::vector<std::string> together;
  for (const Node named : visit.tree["objects"]) together.push_back(Schema::key(sql::name_of_list(named)));
  for (const Node named : visit.tree["objects"]) {
    const QualifiedName name = sql::name_of_list(named);
    for (const QualifiedName& other : visit.schema.referencing(name, {})) {
      if (gone(Schema::key(other)) || contains(together, Schema::key(other)) ||
          gone(Schema::key(other) + " -> " + Schema::key(name)))
        continue;
      visit.report(fmt::format("{} still refers to {}: the undo stops here", shown(other), shown(name))).safe_form =
          fmt::format("DROP TABLE {};  -- or its foreign key, first", quoted(other));
    }
    visit.remember("file:dropped in undo", {0, {}, Schema::key(name), "", ""});
  }
}

void remember_freed(Visit& visit) {
  if (!visit.down() || !visit.tree.is("AlterTableStmt")) return wrong_order(visit);
  for (const Action& action : visit.facts.actions) {
    if (action.subtype != "AT_DropConstraint" && action.subtype != "AT_DropColumn") continue;
    for (const QualifiedName& other : visit.schema.referenced(target(visit), action.command["name"].string())) {
      visit.remember("file:dropped in undo", {0, {}, Schema::key(target(visit)) + " -> " + Schema::key(other), "", ""});
    }
  }
}

}  // namespace

Rules undo_rules() {
  return {
      {"undo-drops-what-was-there",
       Severity::error,
       "an undo that drops what the migration did not make",
       {"D2"},
       "The worst of all: the way back destroys data that was there long before.",
       "Undo only what `up` made, without IF EXISTS.",
       {"AlterTableStmt", "DropStmt"},
       drops_what_was_there},
      {"undo-forgets",
       Severity::warning,
       "an undo does not bring back what was dropped",
       {"D4"},
       "After the way back the schema is not what it was.",
       "Make it again in the undo.",
       {"AlterTableStmt", "DropStmt"},
       remember_drop,
       not_brought_back},
      {"undo-order",
       Severity::error,
       "an undo drops in the wrong order",
       {"C16"},
       "A table cannot be dropped while others refer to it; the undo stops half-way.",
       "The other way round as they were made.",
       {"DropStmt", "AlterTableStmt"},
       remember_freed},
  };
}

}  // namespace segue::lint
