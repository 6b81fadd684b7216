#include "plan/moves/pair_steps.h"

#include <fmt/format.h>

#include <algorithm>

#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/pair.h"
#include "plan/moves/steady.h"
#include "plan/moves/sync_steps.h"

namespace segue::plan {
namespace {

using migration::BackfillMove;

// What each set column has by itself, from what the old side has; nothing where that is nothing.
Result<std::vector<NewSide>> new_side(Draft& draft, const BackfillMove& move, const Table& table) {
  std::vector<NewSide> found(move.set.size());
  for (std::size_t at = 0; at < move.set.size(); ++at) {
    const auto& column = move.set[at].column;
    const auto* known = draft.added(table, column.value);
    if (known == nullptr) continue;
    found[at].type = known->type;
    draft.brings_back(table.quoted(), known->phase);
    if (!known->has_default) continue;
    draft.hazard("default-of-its-own",
                 fmt::format("{}.{} has a DEFAULT: rows that are there would have it, and count as filled",
                             table.display(), column.value),
                 column.at, "leave it out, and set it in a `sql:` move with `phase: contract`");
  }
  std::string row;
  bool any = false;
  for (const auto& column : table.columns) {
    const bool old_side = std::any_of(move.back.begin(), move.back.end(),
                                      [&](const auto& one) { return one.column.value == column.name; });
    const bool has = old_side && !column.default_sql.empty();
    if (has && TRY(unsteady_part(draft.connection, column.default_sql))) {
      draft.hazard("unsteady-default",
                   fmt::format("{}.{} has another default each time: whether somebody wrote it cannot be told",
                               table.display(), column.name),
                   move.table.at, "keep_in_sync: derive, or a default that is a constant");
      return found;
    }
    any = any || has;
    row += fmt::format("{}{}::{} AS {}", row.empty() ? "" : ", ", has ? "(" + column.default_sql + ")" : "NULL",
                       column.type, pg::quote_name(column.name));
  }
  if (!any) return found;
  for (std::size_t at = 0; at < move.set.size(); ++at) {
    TRY(draft.connection.execute("SAVEPOINT segue_default"));
    const auto value = draft.connection.query(fmt::format(
        "SELECT ({})::text FROM (SELECT {}) AS {}", move.set[at].expression.value, row, pg::quote_name(table.name)));
    if (value && !value->is_null(0, 0)) found[at].usual = value->string(0, 0);
    TRY(draft.connection.execute("ROLLBACK TO SAVEPOINT segue_default"));
  }
  return found;
}

bool back_is_there(Draft& draft, const BackfillMove& move, const Table& table) {
  for (const auto& one : move.back) {
    if (table.column(one.column.value) != nullptr) continue;
    draft.hazard("no-such-column", fmt::format("{} has no column {}", table.display(), one.column.value), one.column.at,
                 "`back` names columns of the old shape");
    return false;
  }
  return true;
}

}  // namespace

Result<std::optional<BackfillJob>> add_pair(Draft& draft, const BackfillMove& move, const Table& table,
                                            const std::string& names, const std::string& title) {
  if (!back_is_there(draft, move, table)) return std::optional<BackfillJob>();
  const auto pair = make_pair(table, move, TRY(new_side(draft, move, table)), draft.next_trigger());
  const auto& before = pair.before_switch;
  const auto& after = pair.after_switch;
  if (!TRY(can_be_asked(draft, table, move, pair.wrong))) return std::optional<BackfillJob>();
  add_triggers(draft, table, title,
               {{before.in, before.out},
                {after.in, after.out},
                {pair.heal, pair.fill},
                {pair.keep},
                pair.defaults,
                pair.no_defaults});
  add_comparison(draft, table, names, pair.wrong, {"after restore"});
  OldName old{OldName::Use::column, table.quoted(), {}, pair.counter};
  for (const auto& one : move.back) old.columns.push_back(one.column.value);
  draft.plan.old_shape.push_back(old);
  if (pair.changes_sides) {
    auto turn = backfill_step(table, "new side wins", title);
    turn.up = transaction({after.in.replace, after.out.replace});
    turn.down = {transaction({before.in.replace, before.out.replace})};
    turn.reason = "where one statement writes both sides and they contradict each other";
    draft.add(Phase::switch_over, Place::defaults, turn);
  }
  return std::optional(pair.fill);
}

}  // namespace segue::plan
