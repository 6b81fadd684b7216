#include "plan/actions.h"

#include <fmt/format.h>

#include "pg/quote.h"

namespace segue::plan {

Step named_step(std::string move, std::string kind, std::string title) {
  Step step;
  step.move = std::move(move);
  step.kind = std::move(kind);
  step.title = std::move(title);
  return step;
}

Action alter(const std::string& table, std::vector<std::string> clauses) {
  Action action;
  for (auto& clause : clauses) action.sql.push_back(fmt::format("ALTER TABLE {} {}", table, clause));
  action.locks = {{table, "ACCESS EXCLUSIVE"}};
  return action;
}

Action transaction(std::vector<std::string> sql, std::vector<LockOn> locks) {
  Action action;
  action.sql = std::move(sql);
  action.locks = std::move(locks);
  return action;
}

Action concurrently(std::string sql, std::string object) {
  Action action;
  action.kind = ActionKind::concurrent;
  action.sql = {std::move(sql)};
  action.object = std::move(object);
  return action;
}

Action drop_index_concurrently(const std::string& quoted_index) {
  return concurrently("DROP INDEX CONCURRENTLY IF EXISTS " + quoted_index, quoted_index);
}

Action add_not_valid(const std::string& table, const std::string& name, const std::string& definition,
                     const std::string& referenced) {
  const bool key = !referenced.empty();
  Action action;
  action.sql = {fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", table, pg::quote_name(name), definition)};
  action.locks = {{table, key ? "SHARE ROW EXCLUSIVE" : "ACCESS EXCLUSIVE"}};
  if (key) action.locks.push_back({referenced, "SHARE ROW EXCLUSIVE"});
  return action;
}

Action validate(const std::string& table, const std::string& name, const std::string& referenced) {
  Action action;
  action.sql = {fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", table, pg::quote_name(name))};
  action.locks = {{table, "SHARE UPDATE EXCLUSIVE"}};
  if (!referenced.empty()) action.locks.push_back({referenced, "ROW SHARE"});
  return action;
}

Action drop_constraint(const std::string& table, const std::string& name, const std::string& referenced) {
  Action action = alter(table, {"DROP CONSTRAINT " + pg::quote_name(name)});
  if (!referenced.empty()) action.locks.push_back({referenced, "ACCESS EXCLUSIVE"});
  return action;
}

std::vector<std::string> own_schema(const std::string& name) {
  return {"CREATE SCHEMA IF NOT EXISTS " + name, fmt::format("REVOKE ALL ON SCHEMA {} FROM PUBLIC", name)};
}

Action fill(BackfillJob job) {
  Action action;
  action.kind = ActionKind::backfill;
  action.sql = {update_text(job)};
  action.backfill = std::move(job);
  return action;
}

Step restore_step(const std::string& move, std::vector<std::string> tables, const std::string& reason) {
  auto step = named_step(move, "kept rows", "rows that an earlier rollback kept aside come back");
  step.up.kind = ActionKind::restore;
  step.up.tables = std::move(tables);
  step.reason = reason;
  return step;
}

}  // namespace segue::plan
