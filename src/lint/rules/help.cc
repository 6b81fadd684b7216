#include "lint/rules/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pg/quote.h"

namespace segue::lint {

void each_inline(Visit& visit, std::string_view type, const std::function<void(const Action&, Node)>& take) {
  each_action(visit, "AT_AddColumn", [&](const Action& action) {
    for (const Node constraint : action.command["def"]["constraints"]) {
      if (constraint["contype"].text() == type) take(action, constraint);
    }
  });
}

void each_added(Visit& visit, std::string_view type, const std::function<void(const Action&, Node)>& take) {
  each_action(visit, "AT_AddConstraint", [&](const Action& action) {
    const Node constraint = action.command["def"];
    if (constraint["contype"].text() == type) take(action, constraint);
  });
}

void each_foreign_key(Visit& visit, const std::function<void(Node, std::vector<std::string>)>& take) {
  const auto of_column = [&](Node column) {
    for (const Node constraint : column["constraints"]) {
      if (constraint["contype"].text() == "CONSTR_FOREIGN") take(constraint, {column["colname"].string()});
    }
  };
  for (const Node element : visit.tree["tableElts"]) {
    if (element.is("ColumnDef")) of_column(element);
    if (element["contype"].text() == "CONSTR_FOREIGN") take(element, sql::names_of(element["fk_attrs"]));
  }
  for (const Action& action : visit.facts.actions) {
    const Node definition = action.command["def"];
    if (action.subtype == "AT_AddColumn") of_column(definition);
    if (action.subtype == "AT_AddConstraint" && definition["contype"].text() == "CONSTR_FOREIGN") {
      take(definition, sql::names_of(definition["fk_attrs"]));
    }
  }
}

Node constraint_in(Node column_definition, std::string_view type) {
  for (const Node constraint : column_definition["constraints"]) {
    if (constraint["contype"].text() == type) return constraint;
  }
  return Node();
}

QualifiedName target(const Visit& visit) {
  return sql::name_of_relation(visit.tree["relation"]);
}

std::string target_text(const Visit& visit) {
  return visit.spelled(visit.tree["relation"]);
}

bool is_live_target(const Visit& visit) {
  return visit.is_live(visit.tree["relation"]);
}

std::string script(const std::vector<std::string>& statements) {
  return join(statements, ";\n") + ";";
}

namespace {

// What comes for a statement with IF EXISTS has it too; empty where it cannot.
std::vector<std::string> guarded(const Visit& visit, std::vector<std::string> statements) {
  constexpr std::string_view start = "ALTER TABLE ";
  if (!visit.tree.is("AlterTableStmt") || !visit.tree["missing_ok"].truth()) return statements;
  for (std::string& each : statements) {
    if (!each.starts_with(start)) return {};
    each.insert(start.size(), "IF EXISTS ");
  }
  return statements;
}

}  // namespace

Fix replace_statement(const Visit& visit, const std::vector<std::string>& wanted) {
  const std::vector<std::string> statements = guarded(visit, wanted);
  Fix fix;
  if (statements.empty()) return fix;
  fix.edits.push_back({visit.statement_range(), join(statements, ";\n")});
  return fix;
}

Fix replace_command(const Visit& visit, const Action& action, const std::vector<std::string>& statements) {
  if (visit.facts.actions.size() == 1) return replace_statement(visit, statements);
  sql::Range range = visit.command_range(action);
  // The comma goes too: the one behind it, or before the last one.
  const auto tokens = sql::tokens_of(visit.statement.text, 0, visit.statement.text.size());
  const std::size_t base = visit.statement.piece.begin;
  for (std::size_t index = 0; index < tokens.size(); ++index) {
    if (tokens[index].begin + base < range.end) continue;
    if (sql::is_sign(visit.statement.text, tokens[index], ',') && index + 1 < tokens.size()) {
      range.end = tokens[index + 1].begin + base;
    }
    break;
  }
  if (range.end == visit.command_range(action).end) {
    for (std::size_t index = tokens.size(); index-- > 1;) {
      if (tokens[index].begin + base < range.begin && sql::is_sign(visit.statement.text, tokens[index], ',')) {
        range.begin = tokens[index].begin + base;
        break;
      }
    }
  }
  return cut_from_command(visit, range, statements);
}

Fix cut_from_command(const Visit& visit, sql::Range part, const std::vector<std::string>& wanted) {
  const std::vector<std::string> statements = guarded(visit, wanted);
  Fix fix;
  if (statements.empty()) return fix;
  fix.edits.push_back({part, {}});
  const std::size_t end = visit.statement.piece.end;
  fix.edits.push_back({{end, end}, ";\n" + join(statements, ";\n")});
  return fix;
}

Fix insert_after(const Visit& visit, std::string_view keyword, std::string text) {
  Fix fix;
  const std::size_t at = visit.written().find(keyword);
  if (at == std::string::npos) return fix;
  fix.edits.push_back({{at + keyword.size(), at + keyword.size()}, std::move(text)});
  return fix;
}

sql::Range inline_constraint_range(const Visit& visit, const Action& action, Node constraint) {
  const sql::Range command = visit.command_range(action);
  sql::Range range{constraint.location(), command.end};
  // It ends where the column's next constraint begins; DEFERRABLE and its like belong to it.
  for (const Node other : action.command["def"]["constraints"]) {
    const std::size_t begin = other.location();
    if (other["contype"].text().starts_with("CONSTR_ATTR_")) continue;
    if (begin > range.begin && begin < range.end) range.end = begin;
  }
  // The blanks before it go with it.
  const std::string& text = visit.file.source.text();
  const auto is_blank = [&](std::size_t at) { return std::string_view(" \t\r\n").find(text[at]) != std::string::npos; };
  while (range.begin > command.begin && is_blank(range.begin - 1)) --range.begin;
  while (range.end > range.begin && range.end < command.end && is_blank(range.end - 1)) --range.end;
  return range;
}

std::string deferring_text(const Visit& visit, const Action& action, Node constraint) {
  const sql::Range range = inline_constraint_range(visit, action, constraint);
  for (const Node other : action.command["def"]["constraints"]) {
    const std::size_t begin = other.location();
    if (other["contype"].text().starts_with("CONSTR_ATTR_") && begin > range.begin && begin < range.end)
      return " " + visit.text_of({begin, range.end});
  }
  return {};
}

GivenName given_name(const Visit& visit, Node constraint, std::string_view column) {
  const std::string table = target(visit).name;
  if (!constraint["conname"].text().empty()) return {constraint["conname"].string(), true};
  const Table* known = visit.table(visit.tree["relation"]);
  // Those before it in the statement take their names first.
  std::vector<std::string> taken;
  GivenName given;
  const std::string own = sql::constraint_name(constraint, table, column);
  bool met = false;
  const auto take = [&](Node other, std::string_view at) {
    const std::string_view type = other["contype"].text();
    if (type != "CONSTR_CHECK" && type != "CONSTR_FOREIGN" && type != "CONSTR_UNIQUE" && type != "CONSTR_PRIMARY")
      return;
    const std::string first = sql::constraint_name(other, table, at);
    if (met) {
      given.is_last = given.is_last && (first != own || !other["conname"].text().empty());
      return;
    }
    std::string name = first;
    const auto is_taken = [&] {
      return contains(taken, name) || (known != nullptr && known->constraint(name) != nullptr);
    };
    for (int number = 1; other["conname"].text().empty() && is_taken(); ++number) name = first + std::to_string(number);
    taken.push_back(name);
    met = other == constraint;
    if (met) given = {name, true};
  };
  for (const Action& action : visit.facts.actions) {
    const Node definition = action.command["def"];
    if (action.subtype == "AT_AddConstraint") take(definition, {});
    if (action.subtype != "AT_AddColumn") continue;
    for (const Node each : definition["constraints"]) take(each, definition["colname"].text());
  }
  return met ? given : GivenName{own, true};
}

std::string quoted(std::string_view name) {
  return pg::display_name(name);
}

std::string quoted(const QualifiedName& name) {
  return name.schema.empty() ? quoted(name.name) : quoted(name.schema) + "." + quoted(name.name);
}

QualifiedName name_of_key(const std::string& key) {
  const std::size_t dot = key.find('.');
  return dot == std::string::npos ? QualifiedName{{}, key} : QualifiedName{key.substr(0, dot), key.substr(dot + 1)};
}

std::string quoted_key(const std::string& key) {
  return quoted(name_of_key(key));
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::vector<std::string> made;
  for (const std::string& name : names) made.push_back(quoted(name));
  return join(made, ", ");
}

std::string shown_list(const std::vector<std::string>& names) {
  std::vector<std::string> made;
  for (const std::string& name : names) made.push_back(shown(name));
  return join(made, ", ");
}

bool same_columns(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return a == b;
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string size_note(const Visit& visit, const QualifiedName& table) {
  const Table* found = visit.schema.find(table);
  if (found == nullptr || found->rows < 0) return {};
  return fmt::format(" (about {} rows)", with_commas(static_cast<std::int64_t>(found->rows)));
}

}  // namespace segue::lint
