#include "plan/moves/new_column.h"

#include <fmt/format.h>

#include "pg/quote.h"
#include "sql/types.h"

namespace segue::plan {
namespace {

// A constant as SQL, its casts included; nothing where it is none. NULL is no text.
struct Constant {
  bool is_one = false;
  std::optional<std::string> sql;
};

Constant constant_of(sql::Node expression) {
  if (expression.is("TypeCast")) {
    auto inside = constant_of(expression["arg"]);
    if (inside.sql) inside.sql = fmt::format("CAST({} AS {})", *inside.sql, sql::type_text(expression["typeName"]));
    return inside;
  }
  if (!expression.is("A_Const")) return {};
  if (expression["isnull"].truth()) return {true, std::nullopt};
  if (const auto text = expression["sval"]) return {true, pg::quote_literal(text["sval"].string())};
  if (const auto number = expression["fval"]) return {true, number["fval"].string()};
  if (const auto truth = expression["boolval"]) return {true, truth["boolval"].truth() ? "true" : "false"};
  if (const auto number = expression["ival"]) return {true, std::to_string(number["ival"].number())};
  return {};
}

const migration::BackfillMove* backfill_of(const migration::Migration& file, const Table& table,
                                           const std::string& column, std::string& expression) {
  for (const auto& move : file.moves) {
    const auto* backfill = std::get_if<migration::BackfillMove>(&move.what);
    if (backfill == nullptr) continue;
    if (!table.is_called(backfill->table)) continue;
    for (const auto& one : backfill->set) {
      if (one.column.value != column) continue;
      expression = one.expression.value;
      return backfill;
    }
  }
  return nullptr;
}

// Each row has a value of its own from the beginning: serial, identity.
bool numbers_itself(sql::Node definition) {
  const auto type = sql::last_name(definition["typeName"]["names"]);
  return type == "serial" || type == "bigserial" || type == "smallserial" || type == "serial4" || type == "serial8" ||
         type == "serial2";
}

}  // namespace

std::optional<KeepRule> rule_of_new_column(const sql::Action& action, const Table& table,
                                           const migration::Migration& file) {
  if (action.subtype != "AT_AddColumn") return std::nullopt;
  const auto definition = action.command["def"];
  KeepRule rule;
  rule.table = table.quoted();
  rule.what = KeepWhat::values;
  const auto name = definition["colname"].string();
  rule.columns = {name};
  rule.reason = fmt::format("{} was written", name);
  bool own_value = numbers_itself(definition);
  for (const auto constraint : definition["constraints"]) {
    const auto kind = constraint["contype"].text();
    if (kind == "CONSTR_GENERATED") return std::nullopt;
    if (kind == "CONSTR_IDENTITY") own_value = true;
    if (kind != "CONSTR_DEFAULT") continue;
    const auto constant = constant_of(constraint["raw_expr"]);
    own_value = own_value || !constant.is_one;
    rule.usual = constant.sql;
  }
  std::string expression;
  if (const auto* backfill = backfill_of(file, table, name, expression)) {
    // Of a pair the triggers' step knows more.
    if (backfill->keep_in_sync.value != migration::KeepInSync::no) return std::nullopt;
    // What follows from the other columns comes back by itself.
    rule.before_switch = rule.after_switch =
        fmt::format("(SELECT {0} IS NOT NULL AND {0} IS DISTINCT FROM ({1}) FROM (SELECT t.*) AS {2})",
                    pg::quote_name(name), expression, pg::quote_name(table.name));
  } else if (own_value) {
    rule.before_switch = rule.after_switch = "true";
  }
  return rule;
}

}  // namespace segue::plan
