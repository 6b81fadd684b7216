#include "plan/moves/in_place.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/sync.h"
#include "plan/moves/sync_steps.h"
#include "plan/moves/user_triggers.h"

namespace segue::plan {
namespace {

using migration::Assignment;
using migration::BackfillMove;
using migration::Position;

const Assignment* way_back_of(const BackfillMove& move, const std::string& column) {
  const auto found =
      std::find_if(move.back.begin(), move.back.end(), [&](const auto& one) { return one.column.value == column; });
  return found == move.back.end() ? nullptr : &*found;
}

bool possible(Draft& draft, const BackfillMove& move, const Table& table, const Position& at) {
  const auto refuse = [&](const char* code, const std::string& message, const Position& where, const char* hint) {
    draft.hazard(code, message, where, hint);
    return false;
  };
  if (!move.from.empty() || !move.join.empty()) {
    return refuse("values-from-beside",
                  fmt::format("{} is changed in place by what another table says, which may be another thing on the "
                              "way back",
                              table.display()),
                  at, "fill a new column from it instead, without `writers: none`");
  }
  if (move.key.empty() && table.key.empty()) {
    return refuse("no-key", fmt::format("{} has no primary key by which a row is known to be done", table.display()),
                  at, "name a unique key in `key`, or fill a new column instead, without `writers: none`");
  }
  const auto& key = table.key;
  for (const auto& one : move.set) {
    const auto& column = one.column.value;
    const bool in_key =
        std::any_of(move.key.begin(), move.key.end(), [&](const auto& part) { return part.value == column; });
    if (in_key || (move.key.empty() && std::find(key.begin(), key.end(), column) != key.end())) {
      return refuse("key-changes",
                    fmt::format("{}.{} is in the key by which its rows are known to be done", table.display(), column),
                    one.column.at, "name another unique key in `key`");
    }
    if (way_back_of(move, column) == nullptr) {
      return refuse(
          "no-way-back",
          fmt::format("{}.{} is changed in place, and nothing says how it is changed back", table.display(), column),
          one.column.at, "add `back: { column: expression }` with the inverse, or fill a new column instead");
    }
  }
  return true;
}

// Every value comes back as it was: found before the first row is changed.
void add_inverse_check(Draft& draft, const BackfillMove& move, const Table& table) {
  std::string columns, was, wrong;
  for (const auto& column : table.columns) {
    const auto set = std::find_if(move.set.begin(), move.set.end(),
                                  [&](const auto& one) { return one.column.value == column.name; });
    const auto name = pg::quote_name(column.name);
    const bool changed = set != move.set.end();
    columns += (columns.empty() ? "" : ", ") +
               (changed ? fmt::format("({})::{} AS {}", set->expression.value, column.type, name) : name);
    if (!changed) continue;
    const auto before = pg::quote_name("segue_was_" + column.name);
    was += fmt::format(", {} AS {}", name, before);
    wrong += fmt::format("{}({})::{} IS DISTINCT FROM {}", wrong.empty() ? "" : " OR ",
                         way_back_of(move, column.name)->expression.value, column.type, before);
  }
  PlannedCheck check;
  check.name = fmt::format("{}: what is changed in place can be changed back", table.display());
  check.boundaries = {"before backfill"};
  check.kind = "no_rows";
  check.query = fmt::format("SELECT * FROM (SELECT {}{} FROM {}{}) AS {} WHERE {}", columns, was, table.quoted(),
                            move.where.empty() ? "" : " WHERE " + move.where.value, pg::quote_name(table.name), wrong);
  check.mend = "`back` must give each of these its old value, or `where` must leave them out";
  draft.plan.checks.push_back(check);
}

BackfillJob job_of(const Draft& draft, const BackfillMove& move, const Table& table) {
  BackfillJob job;
  job.table = table.quoted();
  job.pending = move.where.empty() ? "true" : move.where.value;
  job.batch = draft.file.limits.batch.value;
  job.one_pass = job.in_place = true;
  for (const auto& one : move.key) job.key.push_back(one.value);
  return job;
}

}  // namespace

Status compile_in_place(Draft& draft, const BackfillMove& move, const Table& table, const Position& at) {
  if (!possible(draft, move, table, at)) return {};
  auto up = job_of(draft, move, table), back = up;
  if (!TRY(follow_triggers(draft, move, table, up))) return {};
  back.skip_triggers = up.skip_triggers;
  back.only_silent = up.only_silent;
  back.leaves_failed = true;
  std::string names;
  for (const auto& one : move.set) {
    names += (names.empty() ? "" : ", ") + one.column.value;
    up.columns.push_back(pg::quote_name(one.column.value));
    up.values.push_back("(" + one.expression.value + ")");
    back.columns.push_back(up.columns.back());
    back.values.push_back("(" + way_back_of(move, one.column.value)->expression.value + ")");
  }
  add_inverse_check(draft, move, table);

  const auto wall = wall_trigger(table);
  const auto build = transaction(wall.create, {{table.quoted(), "SHARE ROW EXCLUSIVE"}});
  const auto open = transaction(wall.drop, {{table.quoted(), "ACCESS EXCLUSIVE"}});
  auto closed = backfill_step(table, "no writers", table.display());
  closed.up = build;
  closed.down = {open};
  closed.reason = "`writers: none`: a row that somebody writes meanwhile could be changed twice, or never";
  draft.add(Phase::backfill, Place::rows, closed);

  auto made = backfill_step(table, "change in place", fmt::format("{}: {}", table.display(), names));
  made.up = fill(up);
  made.down = {fill(back)};
  made.rows = table.rows;
  made.seconds = static_cast<double>(table.rows) / 100000;
  made.reason = "by its key, each row once; the way back changes those that were done";
  draft.add(Phase::backfill, Place::rows, made);

  auto opened = backfill_step(table, "writers again", table.display());
  opened.up = open;
  opened.down = {build};
  opened.reason = "every row is changed";
  draft.add(Phase::backfill, Place::rows, opened);
  draft.note("writers-stopped",
             fmt::format("nobody can write {} while its rows are changed in place: who tries gets an error at once",
                         table.display()),
             at,
             "whatever writes it must be stopped before the backfill, and know the new meaning when it starts again");
  return {};
}

}  // namespace segue::plan
