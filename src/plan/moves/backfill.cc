// backfill: a column gets the value of an expression, for the rows that are there and, where it is kept in sync, for
// those that are written from now on.
#include <fmt/format.h>

#include "base/text.h"
#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/derive.h"
#include "plan/moves/move.h"
#include "plan/moves/steady.h"

namespace segue::plan {
namespace {

using migration::BackfillMove;
using migration::KeepInSync;
using migration::Position;

bool supported(Draft& draft, const BackfillMove& move, const Position& at) {
  const auto refuse = [&](const std::string& what) {
    draft.hazard("not-yet", fmt::format("a backfill with {} is not supported yet", what), at, "leave it out");
    return false;
  };
  if (!move.join.empty() || !move.from.empty()) return refuse("`from` or `join`");
  if (!move.back.empty() || move.keep_in_sync.value == KeepInSync::pair) return refuse("`keep_in_sync: pair`");
  if (move.writers.value == migration::Writers::none) return refuse("`writers: none`");
  if (!move.key.empty()) return refuse("`key`");
  if (!move.triggers.empty()) return refuse("`triggers`");
  return true;
}

Step step(const Table& table, std::string kind, std::string title) {
  Step made;
  made.move = "backfill " + table.display();
  made.kind = std::move(kind);
  made.title = std::move(title);
  return made;
}

// The column that is set must be new: what stood in one that was there before would be lost.
bool columns_are_new(Draft& draft, const BackfillMove& move, const Table& table) {
  for (const auto& one : move.set) {
    const auto* column = table.column(one.column.value);
    if (column == nullptr) continue;  // a `sql:` move of this migration adds it
    draft.hazard("column-exists",
                 fmt::format("{}.{} was there before: its values would be overwritten, and the way back with them",
                             table.display(), one.column.value),
                 one.column.at, "set a new column, added by a `sql:` move before this one");
    return false;
  }
  return true;
}

// An expression that answers differently each time can be used once for each row, and never be compared with.
Result<bool> steady(Draft& draft, const BackfillMove& move) {
  for (const auto& one : move.set) {
    const auto part = TRY(unsteady_part(draft.connection, one.expression.value));
    if (!part) continue;
    const bool kept_in_sync = move.keep_in_sync.value == KeepInSync::derive;
    if (kept_in_sync) {
      draft.hazard("unsteady-expression",
                   fmt::format("{} answers differently each time: each write would give {}.{} another value, and no "
                               "comparison could prove the backfill",
                               *part, move.table.value, one.column.value),
                   one.expression.at,
                   "give it once to each row (keep_in_sync: no), and new rows their own by the column's DEFAULT");
    }
    return false;
  }
  return true;
}

}  // namespace

Status compile_backfill(Draft& draft, const BackfillMove& move, const Position& at) {
  if (!supported(draft, move, at)) return {};
  const auto table = TRY(draft.table(move.table.value));
  if (!table) {
    draft.hazard("no-such-table", fmt::format("there is no table '{}'", move.table.value), move.table.at,
                 "name it as the database does, with its schema where it is not the usual one");
    return {};
  }
  if (!draft.plain(*table, move.table.at) || !columns_are_new(draft, move, *table)) return {};
  TRY(draft.note_triggers(*table, move.table.at));

  std::vector<std::string> columns, values, names;
  std::string different;
  const bool compared = TRY(steady(draft, move));
  for (const auto& one : move.set) {
    const auto quoted = pg::quote_name(one.column.value);
    names.push_back(one.column.value);
    columns.push_back(quoted);
    values.push_back("(" + one.expression.value + ")");
    different += different.empty() ? "" : " OR ";
    different += compared ? fmt::format("{} IS DISTINCT FROM ({})", quoted, one.expression.value) : quoted + " IS NULL";
  }
  const auto where = move.where.empty() ? different : fmt::format("({}) AND ({})", move.where.value, different);

  if (move.keep_in_sync.value == KeepInSync::derive) {
    const auto sync = derive_trigger(*table, names, move);
    auto made = step(*table, "sync trigger", fmt::format("{} on {}", sync.name, table->display()));
    made.up = transaction(sync.create, {{table->quoted(), "SHARE ROW EXCLUSIVE"}});
    made.down = {transaction(sync.drop, {{table->quoted(), "ACCESS EXCLUSIVE"}})};
    made.reason =
        "rows that are written while the others are filled are right too; each write costs under a microsecond more";
    draft.add(Phase::expand, Place::triggers, made);
    auto leave = step(*table, "drop sync trigger", fmt::format("{} on {}", sync.name, table->display()));
    leave.up = transaction(sync.drop, {{table->quoted(), "ACCESS EXCLUSIVE"}});
    leave.down = {transaction(sync.create, {{table->quoted(), "SHARE ROW EXCLUSIVE"}})};
    leave.reason = "the new application writes the column itself";
    draft.add(Phase::contract, Place::triggers, leave);
  }
  auto made = step(*table, "backfill", fmt::format("{}: {}", table->display(), join(names, ", ")));
  made.up.kind = ActionKind::backfill;
  made.up.backfill = {table->quoted(), columns, values, where, "", draft.file.limits.batch.value, false, true};
  std::string set;
  for (std::size_t i = 0; i < columns.size(); ++i) set += (i ? ", " : "") + columns[i] + " = " + values[i];
  made.up.sql = {fmt::format("UPDATE {} SET {} WHERE {}", table->quoted(), set, where)};
  made.rows = table->rows;
  made.seconds = static_cast<double>(table->rows) / 100000;
  made.reason = "its values go with the column on the way back";
  draft.add(Phase::backfill, Place::rows, made);
  return {};
}

}  // namespace segue::plan
