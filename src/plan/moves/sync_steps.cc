#include "plan/moves/sync_steps.h"

#include <fmt/format.h>

#include "pg/quote.h"
#include "plan/actions.h"

namespace segue::plan {

Step backfill_step(const Table& table, std::string kind, std::string title) {
  return named_step("backfill " + table.display(), std::move(kind), std::move(title));
}

namespace {

std::vector<std::string> creations(const std::vector<SyncTrigger>& triggers) {
  std::vector<std::string> sql;
  for (const auto& one : triggers) sql.insert(sql.end(), one.create.begin(), one.create.end());
  return sql;
}

}  // namespace

void add_triggers(Draft& draft, const Table& table, const std::string& title, const SyncSteps& sync) {
  std::vector<std::string> drop;
  for (const auto& one : sync.before_switch) drop.insert(drop.end(), one.drop.begin(), one.drop.end());
  auto made = backfill_step(table, sync.before_switch.size() > 1 ? "sync triggers" : "sync trigger", title);
  made.up = transaction(creations(sync.before_switch), {{table.quoted(), "SHARE ROW EXCLUSIVE"}});
  made.down = {transaction(drop, {{table.quoted(), "ACCESS EXCLUSIVE"}})};
  const auto add = [&](Action& action, const std::vector<std::string>& clauses) {
    if (clauses.empty()) return;
    const auto change = alter(table.quoted(), clauses);
    action.sql.insert(action.sql.end(), change.sql.begin(), change.sql.end());
    action.locks = change.locks;
  };
  add(made.up, sync.defaults);
  add(made.down.front(), sync.no_defaults);
  made.keep = sync.keep;
  made.reason =
      "rows that are written while the others are filled are right too; each write costs some microseconds more";
  draft.add(Phase::expand, Place::triggers, made);
  auto leave = backfill_step(table, "drop " + made.kind, title);
  leave.up = transaction(drop, {{table.quoted(), "ACCESS EXCLUSIVE"}});
  leave.down = {transaction(creations(sync.after_switch), {{table.quoted(), "SHARE ROW EXCLUSIVE"}})};
  for (const auto& job : sync.heal) leave.down.push_back(fill(job));
  leave.reason = "the new application writes the column itself";
  draft.add(Phase::contract, Place::first, leave);
}

namespace {

// Rows that could not be carried were judged by their limit, or accepted. Mostly there are none, and then no row is
// looked up among them.
std::string but_not_set_aside(const Table& table, const std::string& wrong) {
  if (table.key.empty()) return wrong;
  std::string key;
  for (const auto& column : table.key) {
    key += fmt::format("{}{}, {}.{}::text", key.empty() ? "" : ", ", pg::quote_literal(column), table.quoted(),
                       pg::quote_name(column));
  }
  const auto set_aside = fmt::format("SELECT FROM segue.failed_row f WHERE f.table_name = {} AND f.state <> 'retried'",
                                     pg::quote_literal(display_table(table.quoted())));
  return fmt::format(
      "CASE WHEN EXISTS ({0}) AND EXISTS ({0} AND f.key = jsonb_build_object({1})) THEN false ELSE ({2}) END",
      set_aside, key, wrong);
}

}  // namespace

void add_comparison(Draft& draft, const Table& table, const std::string& names, const std::string& wrong,
                    const std::vector<std::string>& also, bool settles) {
  PlannedCheck check;
  check.name = fmt::format("{}: {} right in every row", table.display(), names);
  check.boundaries = {"after validate", "before switch"};
  check.boundaries.insert(check.boundaries.end(), also.begin(), also.end());
  check.kind = "no_rows";
  check.settles = settles;
  check.query = fmt::format("SELECT {} FROM {} WHERE {}", table.key.empty() ? "*" : pg::quote_names(table.key),
                            table.quoted(), but_not_set_aside(table, wrong));
  check.mend = "an expression that fails for a row leaves it as it is: look at what these rows hold";
  draft.plan.checks.push_back(check);
}

Result<bool> can_be_asked(Draft& draft, const Table& table, const migration::BackfillMove& move,
                          const std::string& condition) {
  std::string row;
  const auto add = [&](const std::string& type, const std::string& name) {
    row += fmt::format("{}NULL::{} AS {}", row.empty() ? "" : ", ", type, pg::quote_name(name));
  };
  for (const auto& column : table.columns) add(column.type, column.name);
  for (const auto& [name, known] : draft.added(table)) add(known.type, name);
  for (const auto& one : move.set) {
    if (draft.added(table, one.column.value) == nullptr) return true;  // its type cannot be told
  }
  TRY(draft.connection.execute("SAVEPOINT segue_ask"));
  const auto asked = draft.connection.query(
      fmt::format("SELECT FROM (SELECT {}) AS {} WHERE {} LIMIT 0", row, pg::quote_name(table.name), condition));
  if (!asked && draft.connection.lost()) return tl::unexpected(asked.error());
  TRY(draft.connection.execute("ROLLBACK TO SAVEPOINT segue_ask"));
  if (asked) return true;
  const auto& at = move.set.front().expression.at;
  // A type or a function that an earlier move makes is not there yet: only run can tell.
  // So is a table. An operator, or a name that the query does not know, never comes.
  const auto& [state, message] = std::pair(asked.error().sqlstate, asked.error().message);
  const bool missing = message.ends_with(" does not exist") || message.find(" does not exist\n") != std::string::npos;
  if (state == "42704" || state == "42883" || state == "42P01") {
    const bool may_come = missing && message.find("operator ") == std::string::npos;
    if (may_come) {
      draft.note("not-asked",
                 fmt::format("the expressions for {} cannot be tried yet: {}", table.display(), asked.error().message),
                 at, "fine where a move of this migration makes it");
      return true;
    }
  }
  draft.hazard(
      "expression-fails",
      fmt::format("the server cannot compare {} with what `set` says: {}", table.display(), asked.error().message), at,
      "give the expression the column's type, and columns a type that can be compared (jsonb, not json)");
  return false;
}

}  // namespace segue::plan
