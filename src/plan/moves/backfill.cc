// backfill: a column gets the value of an expression, for the rows that are there and, where it is kept in sync, for
// those that are written from now on.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/derive.h"
#include "plan/moves/fast_default.h"
#include "plan/moves/follow.h"
#include "plan/moves/in_place.h"
#include "plan/moves/move.h"
#include "plan/moves/pair_steps.h"
#include "plan/moves/sources.h"
#include "plan/moves/steady.h"
#include "plan/moves/sync_steps.h"
#include "plan/moves/user_triggers.h"
#include "sql/references.h"

namespace segue::plan {
namespace {

using migration::BackfillMove;
using migration::KeepInSync;
using migration::Position;

bool supported(Draft& draft, const BackfillMove& move, const Position& at) {
  if (from_of(move).empty() || move.keep_in_sync.value != KeepInSync::pair) return true;
  draft.hazard(
      "pair-of-two-tables",
      fmt::format("{} takes values from another table: one that is written here could not be brought back there",
                  move.table.value),
      at, "say keep_in_sync: derive, and the column follows the other table");
  return false;
}

// Rows are found by it: it must be one that no two rows share, and an index must know it.
bool key_is_one(Draft& draft, const BackfillMove& move, const Table& table) {
  if (move.key.empty()) return true;
  std::vector<std::string> key;
  for (const auto& one : move.key) key.push_back(one.value);
  const bool unique = std::any_of(table.uniques.begin(), table.uniques.end(),
                                  [&](const auto& one) { return !one.partial && one.columns == key; });
  const bool filled = std::all_of(key.begin(), key.end(), [&](const auto& name) {
    const auto* column = table.column(name);
    return column != nullptr && column->not_null;
  });
  if (unique && filled) return true;
  draft.hazard("no-key",
               fmt::format("({}) is no key of {}: that takes a unique index on just these columns, in this "
                           "order, and none of them may be NULL",
                           join(key, ", "), table.display()),
               move.key.front().at, "leave `key` out, and the engine finds one");
  return false;
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

// A trigger that runs before a row is stored sees generated columns as NULL.
bool stored_columns_only(Draft& draft, const BackfillMove& move, const Table& table) {
  if (move.keep_in_sync.value == KeepInSync::no) return true;
  const auto look = [&](const std::vector<migration::Assignment>& side) {
    for (const auto& one : side) {
      for (const auto& used : sql::references_of_sql("SELECT " + one.expression.value).columns) {
        const auto* column = table.column(used.column);
        if (column == nullptr || !column->generated) continue;
        draft.hazard("generated-column",
                     fmt::format("{}.{} is generated: the trigger that keeps {} in sync runs before it has a value",
                                 table.display(), column->name, one.column.value),
                     one.expression.at, "write its expression out");
        return false;
      }
    }
    return true;
  };
  return look(move.set) && look(move.back);
}

// The triggers name their columns: a column that means something else after the switch cannot be among them.
bool names_stay(Draft& draft, const BackfillMove& move, const Table& table) {
  std::set<std::string> moved;
  for (const auto& other : draft.file.moves) {
    const auto* tenancy = std::get_if<migration::TenancyMove>(&other.what);
    if (tenancy == nullptr) continue;
    for (const auto& one : tenancy->displace) {
      if (table.is_called(one.table)) {
        moved.insert(tenancy->column.value);
        moved.insert(one.name.value);
      }
    }
  }
  if (moved.empty() || move.keep_in_sync.value == KeepInSync::no) return true;
  std::string all = move.where.empty() ? "true" : move.where.value;
  for (const auto* side : {&move.set, &move.back}) {
    for (const auto& one : *side) all += ", " + pg::quote_name(one.column.value) + ", (" + one.expression.value + ")";
  }
  for (const auto& used : sql::references_of_sql("SELECT " + all).columns) {
    if (!moved.contains(used.column)) continue;
    draft.hazard(
        "column-changes-meaning",
        fmt::format("{}.{} means something else after the switch (`displace`), and the triggers of this backfill "
                    "name it",
                    table.display(), used.column),
        move.table.at, "let the backfill be a migration of its own, before or after this one");
    return false;
  }
  return true;
}

// An expression that answers differently each time can be used once for each row, and never be compared with.
Result<bool> steady(Draft& draft, const BackfillMove& move) {
  for (const auto& one : move.set) {
    const auto part = TRY(unsteady_part(draft.connection, one.expression.value));
    if (!part) continue;
    const bool kept_in_sync = move.keep_in_sync.value != KeepInSync::no;
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

namespace {

// What `set` says, quoted.
struct Assignments {
  std::vector<std::string> names, columns, values;
};

Assignments read(const BackfillMove& move) {
  Assignments found;
  for (const auto& one : move.set) {
    found.names.push_back(one.column.value);
    found.columns.push_back(pg::quote_name(one.column.value));
    found.values.push_back("(" + one.expression.value + ")");
  }
  return found;
}

// Two rows of the other table with different values for one row of this: which of them it gets would be chance. Only
// rows with several sources are asked for their values.
void add_one_source(Draft& draft, const BackfillMove& move, const Table& table, const Assignments& set) {
  PlannedCheck check;
  check.name = fmt::format("{}: one source of {} for each row", table.display(), join(set.names, ", "));
  check.boundaries = {"before backfill"};
  check.kind = "no_rows";
  std::string keys, values;
  const auto name = pg::quote_name(table.name);
  for (const auto& one : table.key) keys += fmt::format("{}{}.{}", keys.empty() ? "" : ", ", name, pg::quote_name(one));
  for (const auto& one : set.values) values += (values.empty() ? "" : ", ") + one;
  const auto from = fmt::format("{}, {}", table.quoted(), from_of(move));
  const auto where = move.where.empty() ? "true" : "(" + move.where.value + ")";
  check.query = fmt::format(
      "SELECT {0} FROM {1} WHERE {2} AND {5}.ctid = ANY (ARRAY(SELECT {5}.ctid FROM {1} WHERE {2} GROUP BY {5}.ctid "
      "HAVING "
      "count(*) > 1)) GROUP BY {3} HAVING count(DISTINCT ROW({4})::text) > 1",
      keys.empty() ? name + ".ctid" : keys, from, where, keys.empty() ? name + ".ctid" : keys, values, name);
  check.mend = "which of several sources is meant must be said in `where`, or the rows that are too many must go";
  draft.plan.checks.push_back(check);
}

// The rows that are not right yet.
std::string pending_of(Draft& draft, const BackfillMove& move, const Table& table, bool compared) {
  std::string different;
  for (const auto& one : move.set) {
    const auto column = pg::quote_name(one.column.value);
    different += different.empty() ? "" : " OR ";
    // Not kept in sync: what somebody has written already stays.
    const auto* known = draft.added(table, one.column.value);
    const bool only_empty = move.keep_in_sync.value == KeepInSync::no && known != nullptr && !known->has_default;
    if (!from_of(move).empty()) {
      // A row without a counterpart stays empty. The other table may have such a column too.
      different += fmt::format("({}.{} IS NULL AND ({}) IS NOT NULL)", table.quoted(), column, one.expression.value);
    } else if (!compared) {
      different += column + " IS NULL";
    } else if (only_empty) {
      different += fmt::format("({} IS NULL AND ({}) IS NOT NULL)", column, one.expression.value);
    } else {
      different += fmt::format("{} IS DISTINCT FROM ({})", column, one.expression.value);
    }
  }
  return move.where.empty() ? different : fmt::format("({}) AND ({})", move.where.value, different);
}

}  // namespace

Status compile_backfill(Draft& draft, const BackfillMove& written, const Position& at) {
  auto move = written;
  if (!supported(draft, move, at)) return {};
  const auto table = TRY(draft.table(move.table.value));
  if (!table) {
    draft.hazard("no-such-table", fmt::format("there is no table '{}'", move.table.value), move.table.at,
                 "name it as the database does, with its schema where it is not the usual one");
    return {};
  }
  const bool in_parts = move.writers.value == migration::Writers::any && move.keep_in_sync.value != KeepInSync::pair &&
                        from_of(move).empty();
  if (!draft.plain(*table, move.table.at, in_parts) || !key_is_one(draft, move, *table)) return {};
  if (move.writers.value == migration::Writers::none) return compile_in_place(draft, move, *table, at);
  if (!columns_are_new(draft, move, *table)) return {};
  if (!stored_columns_only(draft, move, *table) || !names_stay(draft, move, *table)) return {};
  const bool compared = TRY(steady(draft, move));
  const bool follows = !from_of(move).empty() && move.keep_in_sync.value == KeepInSync::derive;
  std::vector<Source> sources;
  if (follows) {
    auto found = TRY(sources_of(draft, move, *table));
    if (!found) return {};
    sources = std::move(*found);
    move = TRY(as_questions(draft, written, *table));
  }
  if (move.keep_in_sync.value != KeepInSync::no) TRY(note_not_followed(draft, written, *table, sources));
  const auto [names, columns, values] = read(move);
  const auto title = fmt::format("{}: {}", table->display(), join(names, ", "));
  const auto pending = pending_of(draft, move, *table, compared);
  const auto sync = move.keep_in_sync.value;
  BackfillJob job{table->quoted(), columns, values, pending, from_of(move)};
  if (sync == KeepInSync::pair) {
    const auto of_pair = TRY(add_pair(draft, move, *table, join(names, ", "), title));
    if (!of_pair) return {};
    job = *of_pair;
  }
  job.settles = follows;
  job.batch = draft.file.limits.batch.value;
  for (const auto& one : move.key) job.key.push_back(one.value);
  if (!TRY(follow_triggers(draft, move, *table, job))) return {};
  if (sync == KeepInSync::derive) {
    if (!TRY(can_be_asked(draft, *table, move, pending))) return {};
    if (follows) {
      TRY(follow_sources(draft, written, move, *table, sources, job, title));
    } else {
      const auto trigger = derive_trigger(*table, names, move, draft.next_trigger());
      add_triggers(draft, *table, fmt::format("{} on {}", trigger.name, table->display()),
                   {{trigger}, {trigger}, {}, {}});
    }
    // Between the runs nobody looks at what was missed.
    const std::vector<std::string> later = {"before contract"};
    add_comparison(draft, *table, join(names, ", "), job.pending, follows ? later : std::vector<std::string>(),
                   follows);
  }
  if (sync != KeepInSync::pair && add_as_defaults(draft, move, *table)) return {};
  if (!from_of(written).empty()) add_one_source(draft, written, *table, read(written));
  auto made = backfill_step(*table, "backfill", title);
  made.up = fill(job);
  made.rows = table->rows;
  made.seconds = static_cast<double>(table->rows) / 100000;
  made.reason = "its values go with the column on the way back";
  draft.add(Phase::backfill, Place::rows, made);
  return {};
}

}  // namespace segue::plan
