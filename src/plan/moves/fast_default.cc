#include "plan/moves/fast_default.h"

#include <fmt/format.h>

#include "base/text.h"
#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/sync_steps.h"
#include "plan/tables.h"
#include "sql/facts.h"

namespace segue::plan {
namespace {

bool is_constant(sql::Node expression) {
  if (expression.is("TypeCast")) return is_constant(expression["arg"]);
  return expression.is("A_Const") && !expression["isnull"].truth();
}

bool is_constant(const std::string& expression) {
  const sql::Source source("SELECT " + expression);
  if (source.statements().size() != 1 || source.statements()[0].error) return false;
  const auto targets = source.statements()[0].tree["targetList"];
  return targets.size() == 1 && is_constant(targets.at(0)["val"]);
}

// ALTER TABLE … ADD COLUMN this one, and nothing else.
bool adds_only(const std::string& sql, const Table& table, const std::string& column) {
  if (sql.find("${") != std::string::npos) return false;
  const sql::Source source(sql);
  if (source.statements().size() != 1 || source.statements()[0].error) return false;
  const auto& tree = source.statements()[0].tree;
  const auto commands = tree["cmds"];
  if (!tree.is("AlterTableStmt") || commands.size() != 1 || commands.at(0)["subtype"].text() != "AT_AddColumn")
    return false;
  const auto definition = commands.at(0)["def"];
  return table.is_called(as_written(sql::name_of_relation(tree["relation"]))) &&
         definition["colname"].text() == column && definition["constraints"].empty();
}

// The statement that adds the column, with its step.
struct Addition {
  Step* step = nullptr;
  std::size_t at = 0;
};

Addition find_addition(Draft& draft, const Table& table, const std::string& column) {
  for (auto* step : draft.steps_in(Phase::expand)) {
    if (step->up.kind != ActionKind::transaction || step->move.rfind("sql", 0) != 0) continue;
    for (std::size_t at = 0; at < step->up.sql.size(); ++at) {
      if (adds_only(step->up.sql[at], table, column)) return {step, at};
    }
  }
  return {};
}

}  // namespace

bool add_as_defaults(Draft& draft, const migration::BackfillMove& move, const Table& table) {
  if (!move.where.empty() || !move.from.empty() || !move.join.empty()) return false;
  std::vector<Addition> additions;
  for (const auto& one : move.set) {
    if (!is_constant(one.expression.value)) return false;
    additions.push_back(find_addition(draft, table, one.column.value));
    if (additions.back().step == nullptr) return false;
  }
  std::vector<std::string> drop, set, names;
  for (std::size_t at = 0; at < additions.size(); ++at) {
    const auto& one = move.set[at];
    auto& step = *additions[at].step;
    auto& sql = step.up.sql[additions[at].at];
    step.rewritten_from += (step.rewritten_from.empty() ? "" : "; ") + sql;
    step.reason = "the constant of the backfill comes with the column: no row is written";
    const auto column = pg::quote_name(one.column.value);
    sql = fmt::format("{} DEFAULT ({})", sql.substr(0, sql.find_last_not_of("; \n\t\r") + 1), one.expression.value);
    drop.push_back(fmt::format("ALTER COLUMN {} DROP DEFAULT", column));
    set.push_back(fmt::format("ALTER COLUMN {} SET DEFAULT ({})", column, one.expression.value));
    names.push_back(one.column.value);
  }
  auto made = backfill_step(table, "constant", fmt::format("{}: {}", table.display(), join(names, ", ")));
  made.up = alter(table.quoted(), {join(drop, ", ")});
  made.down = {alter(table.quoted(), {join(set, ", ")})};
  made.reason = "every row has its constant since the column came; from now on whoever inserts says what it is";
  draft.add(Phase::backfill, Place::rows, made);
  return true;
}

}  // namespace segue::plan
