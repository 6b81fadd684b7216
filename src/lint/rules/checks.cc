// Constants against the CHECKs of their table: what a migration writes and the table refuses.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <set>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

using Values = std::map<std::string, Node>;  // by column
using Verdict = std::optional<bool>;         // nothing: not known

Node plain(Node value) {
  while (value.is("TypeCast")) value = value["arg"];
  return value;
}

std::optional<double> number_of(Node value) {
  value = plain(value);
  if (value["ival"]) return static_cast<double>(value["ival"]["ival"].number());
  const std::string_view text = value["fval"]["fval"].text();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return text.empty() || error != std::errc() ? std::nullopt : std::optional<double>(number);
}

std::optional<std::string_view> text_of(Node value) {
  value = plain(value);
  return value["sval"] ? std::optional<std::string_view>(value["sval"]["sval"].text()) : std::nullopt;
}

Verdict equal(Node a, Node b) {
  if (const auto left = number_of(a), right = number_of(b); left && right) return *left == *right;
  if (const auto left = text_of(a), right = text_of(b); left && right) return *left == *right;
  return std::nullopt;
}

// Which constant a side of a comparison stands for.
Node value_of(Node side, const Values& values) {
  side = plain(side);
  if (side.is("A_Const")) return side;
  if (!side.is("ColumnRef")) return Node();
  const auto found = values.find(sql::last_name(side["fields"]));
  return found == values.end() ? Node() : found->second;
}

Verdict compared(Node condition, const Values& values) {
  const Node left = value_of(condition["lexpr"], values);
  const Node right = value_of(condition["rexpr"], values);
  if (!left || !right) return std::nullopt;
  const std::string op = sql::last_name(condition["name"]);
  if (op == "=") return equal(left, right);
  if (op == "<>" || op == "!=") {
    const Verdict same = equal(left, right);
    return same ? Verdict(!*same) : std::nullopt;
  }
  const auto a = number_of(left);
  const auto b = number_of(right);
  if (!a || !b) return std::nullopt;
  if (op == "<") return *a < *b;
  if (op == "<=") return *a <= *b;
  if (op == ">") return *a > *b;
  if (op == ">=") return *a >= *b;
  return std::nullopt;
}

// x BETWEEN low AND high, for numbers.
Verdict between(Node condition, const Values& values) {
  const Node list = condition["rexpr"]["List"] ? condition["rexpr"]["List"]["items"] : condition["rexpr"]["items"];
  const auto value = number_of(value_of(condition["lexpr"], values));
  const auto low = number_of(value_of(list.at(0), values));
  const auto high = number_of(value_of(list.at(1), values));
  if (!value || !low || !high) return std::nullopt;
  return *low <= *value && *value <= *high;
}

// x IN (…) and x = ANY (ARRAY[…]).
Verdict among(Node subject, Node list, const Values& values) {
  const Node value = value_of(subject, values);
  if (!value) return std::nullopt;
  bool all_known = true;
  for (const Node each : list) {
    const Verdict same = equal(value, each);
    if (same == true) return true;
    all_known = all_known && same.has_value();
  }
  return all_known ? Verdict(false) : std::nullopt;
}

// Conditions joined by AND, OR and NOT, one level after the other; what is not understood is not known.
Verdict holds(Node condition, const Values& values, int depth = 0) {
  constexpr int deepest = 50;
  if (depth > deepest) return std::nullopt;
  condition = plain(condition);
  if (condition.is("BoolExpr")) {
    const std::string_view op = condition["boolop"].text();
    bool unknown = false;
    for (const Node argument : condition["args"]) {
      const Verdict each = holds(argument, values, depth + 1);
      if (op == "NOT_EXPR") return each ? Verdict(!*each) : std::nullopt;
      if (each && *each == (op == "OR_EXPR")) return each;
      unknown = unknown || !each;
    }
    return unknown ? std::nullopt : Verdict(op == "AND_EXPR");
  }
  if (!condition.is("A_Expr")) return std::nullopt;
  const std::string_view kind = condition["kind"].text();
  if (kind == "AEXPR_OP") return compared(condition, values);
  if (kind == "AEXPR_IN" && sql::last_name(condition["name"]) == "=") {
    return among(condition["lexpr"],
                 condition["rexpr"]["List"] ? condition["rexpr"]["List"]["items"] : condition["rexpr"]["items"],
                 values);
  }
  if (kind == "AEXPR_BETWEEN") return between(condition, values);
  if (kind == "AEXPR_OP_ANY") return among(condition["lexpr"], plain(condition["rexpr"])["elements"], values);
  return std::nullopt;
}

// The conditions of a table's CHECKs that look at one of these columns, each once.
class Checks {
 public:
  Checks(const Table& table, const std::vector<std::string>& columns) : table_(table) {
    constexpr std::size_t most = 40;  // a table with more is none that somebody wrote
    std::set<std::string_view> known;
    for (const Constraint& check : table.constraints) {
      if (known.size() == most) break;
      if (check.type != ConstraintType::check || check.text.empty() || known.contains(check.text)) continue;
      const bool concerned = std::any_of(check.columns.begin(), check.columns.end(),
                                         [&](const std::string& column) { return contains(columns, column); });
      if (!concerned) continue;
      known.insert(check.text);
      checks_.push_back(&check);
    }
  }

  void try_on(Visit& visit, const Values& values, sql::Range range) const {
    if (values.empty()) return;
    for (const Constraint* check : checks_) {
      if (holds(visit.run.conditions.of(check->text), values) != false) continue;
      visit.report(range, fmt::format("{} refuses this row: {}", shown(check->name), check->text)).object =
          Schema::key(table_.name);
      return;
    }
  }

 private:
  const Table& table_;
  std::vector<const Constraint*> checks_;
};

bool has_checks(const Table* table) {
  if (table == nullptr) return false;
  for (const Constraint& each : table->constraints) {
    if (each.type == ConstraintType::check && !each.text.empty()) return true;
  }
  return false;
}

void inserted(Visit& visit, const Table& table) {
  std::vector<std::string> columns;
  for (const Node column : visit.tree["cols"]) columns.push_back(column["name"].string());
  if (columns.empty()) {
    for (const Column& column : table.columns) columns.push_back(column.name);
  }
  const Checks checks(table, columns);
  for (const Node row : visit.tree["selectStmt"]["valuesLists"]) {
    Values values;
    std::size_t index = 0;
    for (const Node value : row["items"]) {
      if (index < columns.size() && plain(value).is("A_Const") && !plain(value)["isnull"].truth())
        values[columns[index]] = plain(value);
      ++index;
    }
    const Node first = row["items"].at(0);
    checks.try_on(visit, values, visit.name_range(first.location(visit.statement.piece.begin)));
  }
}

void look(Visit& visit) {
  if (visit.down() || visit.in_code) return;
  const Table* table = visit.table(visit.tree["relation"]);
  if (!has_checks(table)) return;
  if (visit.tree.is("InsertStmt")) return inserted(visit, *table);
  Values values;
  for (const Node set : visit.tree["targetList"]) {
    if (plain(set["val"]).is("A_Const") && !plain(set["val"])["isnull"].truth())
      values[set["name"].string()] = plain(set["val"]);
  }
  if (values.empty()) return;
  std::vector<std::string> columns;
  for (const auto& [column, unused] : values) columns.push_back(column);
  Checks(*table, columns).try_on(visit, values, visit.statement_range());
}

}  // namespace

Rules check_rules() {
  return {
      {"value-against-check",
       Severity::error,
       "a constant that a CHECK refuses",
       {"A7"},
       "The row is refused as soon as the statement meets a table with its CHECK: a default organization over its own "
       "limit, a status that is not in the list.",
       "A value that the rule allows, or another rule.",
       {"InsertStmt", "UpdateStmt"},
       look},
  };
}

}  // namespace segue::lint
