// tenancy: tables belong to a root (clients), everything that is there belongs to its first row.
#include <fmt/format.h>

#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/move.h"
#include "plan/moves/tenancy_table.h"

namespace segue::plan {
namespace {

using migration::Position;
using migration::TenancyMove;

std::string literal(const migration::Value& value) {
  return value.is_null ? "NULL" : pg::quote_literal(value.text.value);
}

// The column of `first` that the root has a unique index on: by it the first row is found again.
std::string finding_column(const Table& root, const TenancyMove& move) {
  for (const auto& given : move.first) {
    for (const auto& unique : root.uniques) {
      if (!unique.partial && unique.columns.size() == 1 && unique.columns[0] == given.column.value) {
        return given.column.value;
      }
    }
  }
  return {};
}

std::string condition(const TenancyMove& move, const std::string& finding) {
  std::string text;
  for (const auto& given : move.first) {
    if (!finding.empty() && given.column.value != finding) continue;
    const auto name = pg::quote_name(given.column.value);
    text +=
        (text.empty() ? "" : " AND ") + (given.value.is_null ? name + " IS NULL" : name + " = " + literal(given.value));
  }
  return text;
}

void add_first(Draft& draft, const TenancyMove& move, const Table& root, const Position& at) {
  const auto finding = finding_column(root, move);
  if (finding.empty()) {
    draft.note("first-without-unique-key",
               fmt::format("none of the columns that `first` gives is unique in {}: two rows could answer to it",
                           root.display()),
               at, "give `first` a column with a UNIQUE constraint");
  }
  std::string columns, values;
  for (const auto& given : move.first) {
    columns += (columns.empty() ? "" : ", ") + pg::quote_name(given.column.value);
    values += (values.empty() ? "" : ", ") + literal(given.value);
  }
  const auto where = condition(move, finding);
  auto step = named_step("tenancy " + root.display(), "first row",
                         fmt::format("the first row of {}, found or made", root.display()));
  step.up.sql = {fmt::format("INSERT INTO {0} ({1}) SELECT {2} WHERE NOT EXISTS (SELECT FROM {0} WHERE {3})",
                             root.quoted(), columns, values, where)};
  step.reason = "everything that is there belongs to it";
  step.rows = 1;
  const auto key = pg::quote_name(root.key[0]);
  if (root.in_catalog) {
    KeepRule own;
    own.table = root.quoted();
    own.what = KeepWhat::own_row;
    own.before_switch = own.after_switch = fmt::format("t.{} = ${{first}}", key);
    own.reason = "segue made it";
    step.keep.push_back(own);
    draft.add(Phase::expand, Place::kept, restore_step(step.move, {root.quoted()}, "the first row as it was left"));
  }
  draft.add(Phase::expand, Place::rows, step);
  draft.plan.first_query = fmt::format("SELECT {} FROM {} WHERE {}", key, root.quoted(), where);
  draft.plan.first_by_key = fmt::format("SELECT {0} FROM {1} WHERE {0}::text = $1", key, root.quoted());
}

bool usable_root(Draft& draft, const std::optional<Table>& root, const TenancyMove& move) {
  if (!root) {
    draft.hazard("no-such-table", fmt::format("there is no table '{}'", move.root.value), move.root.at,
                 "make it by a `sql:` move before this one");
    return false;
  }
  if (root->key.size() != 1) {
    draft.hazard("root-without-key",
                 fmt::format("{} has no primary key of one column, so no column can refer to it", root->display()),
                 move.root.at, "give it one");
    return false;
  }
  return true;
}

const migration::TableIndexes* entry_of(const std::vector<migration::TableIndexes>& list, const std::string& table) {
  for (const auto& one : list) {
    if (one.table.value == table) return &one;
  }
  return nullptr;
}

}  // namespace

Status compile_tenancy(Draft& draft, const TenancyMove& move, const Position& at) {
  if (move.rls.value) {
    draft.hazard("not-yet", "tenancy with rls: true is not supported yet", move.rls.at,
                 "leave it out and write the policies in a `sql:` move with `phase: enforce`");
  }
  const auto root = TRY(draft.table(move.root.value));
  if (!usable_root(draft, root, move)) return {};
  add_first(draft, move, *root, at);

  std::vector<std::string> swapped;
  for (const auto& name : move.tables) {
    const auto table = TRY(draft.table(name.value));
    if (!table) {
      draft.hazard("no-such-table", fmt::format("there is no table '{}'", name.value), name.at,
                   "`tables` names tables of the database, with their schema where it is not the usual one");
      continue;
    }
    if (!draft.plain(*table, name.at)) continue;
    if (draft.file.limits.batch.value > 0) TRY(draft.note_triggers(*table, name.at));
    TenancyTable one{draft, move, *root, *table, entry_of(move.unique, name.value), entry_of(move.index, name.value)};
    TRY(one.compile(name.at));
  }
  std::vector<std::string> tables;
  for (const auto& name : move.tables) {
    if (const auto table = TRY(draft.table(name.value))) tables.push_back(table->quoted());
  }
  draft.add(Phase::switch_over, Place::last,
            restore_step("tenancy " + root->display(), tables, "the new shape can express them again"));
  return {};
}

}  // namespace segue::plan
