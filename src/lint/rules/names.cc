// Names that mean nothing: columns, tables and constraints that do not exist; names that are cut.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "lint/rules/help.h"

namespace segue::lint {
namespace {

std::vector<std::string> column_names(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return names;
}

bool is_system_column(const std::string& name) {
  return name == "ctid" || name == "xmin" || name == "xmax" || name == "tableoid" || name == "cmin" || name == "cmax";
}

bool is_known(const Visit& visit, const Table* table) {
  return table != nullptr && (table->complete || (visit.schema.from_database && table->made_in == from_before)) &&
         !table->columns.empty();
}

void missing(Visit& visit, const Table& table, const std::string& column, sql::Range range) {
  const std::string nearest = nearest_word(column, column_names(table));
  visit.report(range, fmt::format("{} has no column {}", shown(table.name), shown(column))).safe_form =
      nearest.empty() ? "" : quoted(nearest);
}

// Commands that name a column of their table.
void altered(Visit& visit) {
  const Table* table = visit.table(visit.tree["relation"]);
  if (!is_known(visit, table) || !visit.up() || visit.in_code) return;
  std::vector<std::string> added;
  for (const Action& action : visit.facts.actions) {
    if (action.subtype == "AT_AddColumn") added.push_back(action.command["def"]["colname"].string());
  }
  for (const Action& action : visit.facts.actions) {
    const std::string name = action.command["name"].string();
    const std::string_view type = action.subtype;
    const bool of_column = type == "AT_DropColumn" || type == "AT_SetNotNull" || type == "AT_DropNotNull" ||
                           type == "AT_ColumnDefault" || type == "AT_AlterColumnType";
    if (of_column && !action.command["missing_ok"].truth() && table->column(name) == nullptr &&
        !contains(added, name)) {
      missing(visit, *table, name, visit.command_range(action));
    }
    if (type == "AT_DropConstraint" || type == "AT_ValidateConstraint") {
      const bool there = table->constraint(name) != nullptr ||
                         std::any_of(visit.facts.actions.begin(), visit.facts.actions.end(), [&](const Action& other) {
                           return other.subtype == "AT_AddConstraint" && other.command["def"]["conname"].text() == name;
                         });
      // NOT NULL constraints have names from PostgreSQL 18 on.
      if (there || action.command["missing_ok"].truth() || name.ends_with("_not_null")) continue;
      visit.report(visit.command_range(action),
                   fmt::format("{} has no constraint {}", shown(table->name), shown(name)));
    }
    const Node definition = action.command["def"];
    if (type != "AT_AddConstraint") continue;
    for (const char* field : {"keys", "fk_attrs"}) {
      for (const std::string& column : sql::names_of(definition[field])) {
        if (table->column(column) == nullptr && !contains(added, column))
          missing(visit, *table, column, visit.command_range(action));
      }
    }
  }
}

void indexed(Visit& visit) {
  const Table* table = visit.table(visit.tree["relation"]);
  if (!is_known(visit, table) || !visit.up() || visit.in_code) return;
  for (const Node element : visit.tree["indexParams"]) {
    const std::string name = element["name"].string();
    if (!name.empty() && table->column(name) == nullptr && !is_system_column(name))
      missing(visit, *table, name, visit.statement_range());
  }
}

// The far side of foreign keys.
void referenced(Visit& visit) {
  if (!visit.up() || visit.in_code) return;
  each_foreign_key(visit, [&](Node constraint, const std::vector<std::string>&) {
    const QualifiedName to = sql::name_of_relation(constraint["pktable"]);
    const Table* table = visit.schema.find(to);
    if (table == nullptr && visit.schema.from_database && to != target(visit)) {
      visit.report(visit.name_range(constraint["pktable"].location()),
                   fmt::format("there is no table {} to refer to", shown(to)));
      return;
    }
    if (!is_known(visit, table)) return;
    const auto columns = sql::names_of(constraint["pk_attrs"]);
    for (const std::string& column : columns) {
      if (table->column(column) == nullptr)
        missing(visit, *table, column, visit.name_range(constraint["pktable"].location()));
    }
    const bool unique =
        columns.empty() || std::any_of(table->indexes.begin(), table->indexes.end(), [&](const Index& index) {
          return index.unique && index.predicate.empty() &&
                 std::is_permutation(index.columns.begin(), index.columns.end(), columns.begin(), columns.end());
        });
    if (!unique) {
      visit.report(visit.name_range(constraint["pktable"].location()),
                   fmt::format("no unique constraint on {} ({}): a foreign key cannot refer to it", Schema::key(to),
                               join(columns, ", ")));
    }
  });
}

// One query level: the tables of its FROM, by alias.
struct Level {
  std::vector<std::pair<std::string, const Table*>> tables;
  bool closed = true;  // all of them are known
};

void add_tables(const Visit& visit, Node from, const std::set<std::string>& common, Level& level) {
  sql::walk(from, [&](Node node) {
    if (node.is("RangeSubselect") || node.is("RangeFunction") || node.is("RangeTableFunc")) {
      level.closed = false;
      return false;
    }
    if (node.is("SubLink")) return false;
    if (!sql::is_relation(node)) return true;
    const QualifiedName name = sql::name_of_relation(node);
    const Table* table = common.contains(name.name) && name.schema.empty() ? nullptr : visit.schema.find(name);
    if (table != nullptr && (table->kind == 'v' || table->kind == 'm') && table->columns.empty()) table = nullptr;
    level.closed = level.closed && is_known(visit, table);
    level.tables.emplace_back(node["alias"]["aliasname"] ? node["alias"]["aliasname"].string() : name.name, table);
    return true;
  });
}

// Columns of statements that have no subquery: there every name belongs to a table of FROM.
void read(Visit& visit) {
  if (visit.in_code || visit.section.direction == Direction::down) return;
  std::set<std::string> common;
  bool nested = false;
  sql::walk(visit.tree, [&](Node node) {
    if (node.is("CommonTableExpr")) common.insert(node["ctename"].string());
    nested = nested || node.is("SubLink") || node.is("RangeSubselect") || node.is("CommonTableExpr");
    return true;
  });
  if (visit.schema.from_database) {
    sql::walk(visit.tree, [&](Node node) {
      if (!sql::is_relation(node)) return true;
      const QualifiedName name = sql::name_of_relation(node);
      const bool system =
          name.schema == "information_schema" || name.schema == "pg_catalog" || name.name.starts_with("pg_");
      if (system || (name.schema.empty() && common.contains(name.name)) || visit.schema.find(name) != nullptr)
        return true;
      if (visit.tree.is("ViewStmt") && node == visit.tree["view"]) return true;
      visit.report(visit.name_range(node.location()), fmt::format("there is no table {}", shown(name)));
      return true;
    });
  }
  if (nested) return;
  Level level;
  if (visit.tree["relation"]) add_tables(visit, visit.tree["relation"], common, level);
  add_tables(visit, visit.tree["fromClause"], common, level);
  add_tables(visit, visit.tree["usingClause"], common, level);
  const Node query = visit.tree.is("ViewStmt") ? visit.tree["query"] : visit.tree;
  if (visit.tree.is("ViewStmt")) add_tables(visit, query["fromClause"], common, level);
  if (level.tables.empty()) return;
  std::set<std::string> output;  // names that ORDER BY may use
  for (const Node item : query["targetList"]) {
    if (!item["name"].text().empty() && query.is("SelectStmt")) output.insert(item["name"].string());
    if (!item["name"].text().empty() && !query.is("SelectStmt") && visit.tree.is("UpdateStmt")) {
      const Table* table = visit.table(visit.tree["relation"]);
      if (is_known(visit, table) && table->column(item["name"].text()) == nullptr)
        missing(visit, *table, item["name"].string(), visit.name_range(item.location()));
    }
  }
  sql::walk(query, [&](Node node) {
    if (!node.is("ColumnRef")) return true;
    const auto parts = sql::names_of(node["fields"]);
    const std::string name = parts.empty() ? "" : parts.back();
    if (name.empty() || is_system_column(name) || output.contains(name)) return true;
    if (parts.size() == 2) {
      for (const auto& [alias, table] : level.tables) {
        if (alias == parts[0] && is_known(visit, table) && table->column(name) == nullptr)
          missing(visit, *table, name, visit.name_range(node.location()));
      }
    } else if (parts.size() == 1 && level.closed) {
      const bool found = std::any_of(level.tables.begin(), level.tables.end(), [&](const auto& each) {
        return each.second->column(name) != nullptr || each.first == name;
      });
      if (!found) missing(visit, *level.tables.front().second, name, visit.name_range(node.location()));
    }
    return true;
  });
}

void inserted(Visit& visit) {
  const Table* table = visit.table(visit.tree["relation"]);
  if (!is_known(visit, table) || visit.in_code || visit.down()) return;
  for (const Node column : visit.tree["cols"]) {
    if (table->column(column["name"].text()) == nullptr)
      missing(visit, *table, column["name"].string(), visit.name_range(column.location()));
  }
}

void look(Visit& visit) {
  const std::string_view tag = visit.tree.tag();
  if (tag == "AlterTableStmt") altered(visit);
  if (tag == "IndexStmt") indexed(visit);
  if (tag == "AlterTableStmt" || tag == "CreateStmt") referenced(visit);
  if (tag == "SelectStmt" || tag == "UpdateStmt" || tag == "DeleteStmt" || tag == "ViewStmt") read(visit);
  if (tag == "InsertStmt") inserted(visit);
}

// Statements about tables that are nowhere.
void unknown_table(Visit& visit) {
  if (!visit.schema.from_database || visit.in_code || visit.tree["missing_ok"].truth() || visit.down()) return;
  if (visit.tree.is("AlterTableStmt") && visit.tree["objtype"].text() != "OBJECT_TABLE") return;
  const Node relation = visit.tree.is("CreatePolicyStmt") ? visit.tree["table"] : visit.tree["relation"];
  const QualifiedName name = sql::name_of_relation(relation);
  if (name.name.empty() || visit.schema.find(name) != nullptr) return;
  std::vector<std::string> names;
  for (const auto& [key, unused] : visit.schema.tables()) names.push_back(key);
  const std::string nearest = nearest_word(name.name, names);
  visit.report(visit.name_range(relation.location()), fmt::format("there is no table {}", shown(name))).safe_form =
      nearest;
}

// Whether so many signs of a name stand in a row at all: most statements need no closer look. Looks back from where the
// row would end, so that few signs are looked at.
bool has_long_word(std::string_view text) {
  const auto ends_name = [](char sign) {
    return sign == ' ' || sign == '\n' || sign == '(' || sign == ')' || sign == ',' || sign == ';';
  };
  std::size_t begin = 0;
  while (begin + 64 <= text.size()) {
    std::size_t at = begin + 64;
    while (at > begin && !ends_name(text[at - 1])) --at;
    if (at == begin) return true;
    begin = at;
  }
  return false;
}

void too_long(Visit& visit) {
  if (!has_long_word(visit.statement.text)) return;
  for (const sql::Token& token : visit.written().tokens()) {
    const bool name = token.kind == sql::TokenKind::word || token.kind == sql::TokenKind::quoted_name;
    if (!name || token.end - token.begin <= 63) continue;
    const std::string folded = sql::folded(visit.written().text_of(token));
    if (folded.size() <= 63) continue;
    const std::size_t at = visit.statement.piece.begin + token.begin;
    visit
        .report({at, at + folded.size()},
                fmt::format(
                    "the name has {} bytes: PostgreSQL cuts it to 63 without a word, and two such names can become one",
                    folded.size()))
        .safe_form = sql::object_name(folded, {}, {});
  }
}

}  // namespace

Rules name_rules() {
  return {
      {"unknown-column",
       Severity::error,
       "a column, constraint or referenced table that does not exist",
       {"C4"},
       "The statement fails when it runs; in the middle of a migration that is the worst moment.",
       "The name as the table has it.",
       {"AlterTableStmt", "IndexStmt", "CreateStmt", "SelectStmt", "UpdateStmt", "DeleteStmt", "InsertStmt",
        "ViewStmt"},
       look},
      {"unknown-table",
       Severity::error,
       "a table that does not exist",
       {"C4"},
       "The statement fails.",
       "The name as the database has it.",
       {"AlterTableStmt", "IndexStmt", "CreateTrigStmt", "CreatePolicyStmt", "InsertStmt"},
       unknown_table},
      {"name-too-long",
       Severity::warning,
       "a name of more than 63 bytes",
       {"F73"},
       "It is cut without a word; whoever looks for the full name does not find it.",
       "A shorter name.",
       {},
       too_long},
  };
}

}  // namespace segue::lint
