#include "plan/moves/sync_steps.h"

#include <fmt/format.h>

#include "pg/quote.h"
#include "plan/actions.h"

namespace segue::plan {

Step backfill_step(const Table& table, std::string kind, std::string title) {
  Step made;
  made.move = "backfill " + table.display();
  made.kind = std::move(kind);
  made.title = std::move(title);
  return made;
}

void add_triggers(Draft& draft, const Table& table, const std::string& title, const std::vector<SyncTrigger>& created,
                  const std::vector<SyncTrigger>& left) {
  std::vector<std::string> create, drop, create_again;
  for (const auto& one : created) create.insert(create.end(), one.create.begin(), one.create.end());
  for (const auto& one : created) drop.insert(drop.end(), one.drop.begin(), one.drop.end());
  for (const auto& one : left) create_again.insert(create_again.end(), one.create.begin(), one.create.end());
  auto made = backfill_step(table, created.size() > 1 ? "sync triggers" : "sync trigger", title);
  made.up = transaction(create, {{table.quoted(), "SHARE ROW EXCLUSIVE"}});
  made.down = {transaction(drop, {{table.quoted(), "ACCESS EXCLUSIVE"}})};
  made.reason =
      "rows that are written while the others are filled are right too; each write costs under a microsecond more";
  draft.add(Phase::expand, Place::triggers, made);
  auto leave = backfill_step(table, "drop " + made.kind, title);
  leave.up = transaction(drop, {{table.quoted(), "ACCESS EXCLUSIVE"}});
  leave.down = {transaction(create_again, {{table.quoted(), "SHARE ROW EXCLUSIVE"}})};
  leave.reason = "the new application writes the column itself";
  draft.add(Phase::contract, Place::triggers, leave);
}

void add_comparison(Draft& draft, const Table& table, const std::string& names, const std::string& pending) {
  PlannedCheck check;
  check.name = fmt::format("{}: {} right in every row", table.display(), names);
  check.boundaries = {"after validate", "before switch"};
  check.kind = "no_rows";
  check.query = fmt::format("SELECT {} FROM {} WHERE {}", table.key.empty() ? "*" : pg::quote_names(table.key),
                            table.quoted(), pending);
  check.mend = "an expression that fails for a row leaves it NULL: look at what these rows hold";
  draft.plan.checks.push_back(check);
}

}  // namespace segue::plan
