#include "plan/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/merge.h"

namespace segue::plan {

// Steps refer to each other by the ids that they are added with; finish() turns these into numbers.
Step& Draft::add(Phase phase, Place place, Step step) {
  step.phase = phase;
  const auto lock = strongest_lock(step.up);
  if (step.blocks == "none") step.blocks = who_waits(lock);
  if (step.id.empty()) step.id = fmt::format("draft-{}", steps_.size());
  steps_.push_back({phase, place, std::move(step)});
  return steps_.back().step;
}

void Draft::hazard(std::string code, std::string message, const migration::Position& at, std::string hint) {
  plan.findings.push_back(
      {std::move(code), true, std::move(message), at.known() ? to_text(at) : std::string(), std::move(hint)});
}

void Draft::note(std::string code, std::string message, const migration::Position& at, std::string hint) {
  plan.findings.push_back(
      {std::move(code), false, std::move(message), at.known() ? to_text(at) : std::string(), std::move(hint)});
}

Result<std::optional<Table>> Draft::table(const std::string& name) {
  auto found = TRY(load_table(connection, name));
  if (found) return found;
  for (const auto& [quoted, table] : made_) {
    if (table.is_called(name)) return std::optional<Table>(table);
  }
  return std::optional<Table>();
}

bool Draft::plain(const Table& table, const migration::Position& at, bool or_partitioned) {
  if (!table.mine) {
    hazard("not-the-owner",
           fmt::format("{} belongs to {}, and this user has not that role's rights", table.display(), table.owner), at,
           fmt::format("ALTER TABLE needs the owner: run as {0}, or GRANT {0} TO this user", table.owner));
    return false;
  }
  if (table.hides_rows) {
    hazard(
        "rows-hidden",
        fmt::format("row level security of {} holds for its owner too (FORCE): rows that its policies hide from this "
                    "user would neither be carried nor set aside",
                    table.display()),
        at, "run as a role with BYPASSRLS: ALTER ROLE … BYPASSRLS, or as a superuser");
    return false;
  }
  if (table.kind == "table" || (or_partitioned && table.kind == "partitioned table")) return true;
  hazard("no-plain-table", fmt::format("{} is a {}", table.display(), table.kind), at,
         "this version of segue carries plain tables only: leave it out, or name the tables that hold the rows");
  return false;
}

Status Draft::note_triggers(const Table& table, const migration::Position& at) {
  const auto names = TRY(update_triggers(connection, table));
  if (names.empty()) return {};
  const auto rows = TRY(connection.query("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"));
  if (rows.boolean(0, 0)) return {};
  std::string quoted;
  for (const auto& name : names) quoted += (quoted.empty() ? "" : ", ") + pg::display_name(name);
  note("triggers-fire",
       fmt::format("the backfill of {} fires its own triggers for every row ({}): this user may not keep them silent",
                   table.display(), quoted),
       at,
       "what they write (updated_at, audit rows) does not come back as it was; let a superuser run it, or GRANT SET ON "
       "PARAMETER "
       "session_replication_role (15 and newer)");
  return {};
}

std::vector<Step*> Draft::steps_in(Phase phase) {
  std::vector<Step*> found;
  for (auto& placed : steps_) {
    if (placed.phase == phase) found.push_back(&placed.step);
  }
  return found;
}

void Draft::join_backfills() {
  for (std::size_t at = 0; at < steps_.size(); ++at) {
    std::vector<Step> group = {steps_[at].step};
    for (std::size_t later = at + 1; later < steps_.size();) {
      const auto& other = steps_[later].step;
      if (std::all_of(group.begin(), group.end(), [&](const auto& one) { return can_be_one(one, other); })) {
        group.push_back(other);
        steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(later));
      } else {
        later++;
      }
    }
    steps_[at].step = one_of(group);
  }
}

void Draft::will_make(Table table) {
  const auto quoted = table.quoted();
  made_[quoted] = std::move(table);
}

Plan Draft::finish() {
  // Before anybody can have written these columns again.
  for (const auto& [phase, tables] : brought_back_) {
    auto step =
        restore_step("sql", {tables.begin(), tables.end()}, "the columns that hold these values are there again");
    step.title = "values that an earlier rollback kept aside come back";
    step.up.only_values = true;
    add(phase, Place::kept, step);
  }
  join_backfills();
  std::stable_sort(steps_.begin(), steps_.end(), [](const Placed& a, const Placed& b) {
    return std::tuple(a.phase, a.place) < std::tuple(b.phase, b.place);
  });
  std::map<std::string, std::string> final_ids;
  std::map<Phase, int> counts;
  for (auto& placed : steps_) {
    const auto id = fmt::format("{}-{:02}", migration::to_text(placed.phase), ++counts[placed.phase]);
    final_ids[placed.step.id] = id;
    placed.step.id = id;
  }
  for (auto& placed : steps_) {
    for (auto& action : placed.step.down) {
      if (!action.needless_if_undone.empty()) action.needless_if_undone = final_ids.at(action.needless_if_undone);
    }
    for (auto& rule : placed.step.keep) {
      if (!rule.needless_if_undone.empty()) rule.needless_if_undone = final_ids.at(rule.needless_if_undone);
    }
    plan.steps.push_back(std::move(placed.step));
  }
  for (auto& one : plan.trash) {
    for (const auto& [from, to] : plan.renames) {
      if (one.table == from) one.table = to;
    }
  }
  return std::move(plan);
}

}  // namespace segue::plan
