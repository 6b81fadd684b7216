// retire: columns or a whole table leave with the contract. Columns are parked where they stand, a table in schema
// segue_trash; purge takes them away, and what is to be archived stays in schema segue_archive for good.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/leave.h"
#include "plan/moves/move.h"
#include "plan/moves/owned.h"
#include "plan/moves/retire_table.h"

namespace segue::plan {
namespace {

using migration::Position;
using migration::RetireMove;

class Columns {
 public:
  Columns(Draft& draft, const RetireMove& move, const Table& table, const Position& at)
      : draft_(draft), move_(move), table_(table), at_(at), name_("retire " + table.display()) {}

  Status compile() {
    std::vector<LeavingColumn> leaving;
    for (const auto& one : move_.columns) {
      const auto* column = table_.column(one.value);
      if (column == nullptr) {
        draft_.hazard("no-such-column", fmt::format("{} has no column {}", table_.display(), one.value), one.at,
                      "name it as the database does");
        return {};
      }
      if (taken_by_another(one)) return {};
      leaving.emplace_back(draft_, name_, table_, one.value, at_);
      if (!TRY(leaving.back().may_leave(true))) return {};
    }
    if (move_.archive.value && !TRY(can_be_archived())) return {};
    for (auto& one : leaving) {
      one.relax(true);
      one.park();
      OldName old{OldName::Use::column, table_.quoted(), {one.column().name}, {}};
      draft_.plan.old_shape.push_back(old);
    }
    if (move_.archive.value) archive(leaving);
    return {};
  }

 private:
  // Whether another move, or this one, takes the same column away.
  bool taken_by_another(const migration::Text& column) {
    int taken = 0;
    const auto count = [&](const migration::Text& table, const migration::Text& name) {
      if (table_.is_called(table.value) && name.value == column.value) ++taken;
    };
    for (const auto& other : draft_.file.moves) {
      if (const auto* one = std::get_if<migration::RenameMove>(&other.what)) count(one->table, one->column);
      if (const auto* one = std::get_if<migration::ConvertMove>(&other.what)) count(one->table, one->column);
      if (const auto* one = std::get_if<migration::JunctionMove>(&other.what)) count(one->from_table, one->from_column);
      const auto* retire = std::get_if<RetireMove>(&other.what);
      for (std::size_t at = 0; retire != nullptr && at < retire->columns.size(); ++at) {
        count(retire->table, retire->columns[at]);
      }
    }
    if (taken < 2) return false;
    draft_.hazard(
        "leaves-and-changes",
        fmt::format("{}.{} leaves, and another move of this migration takes it too", table_.display(), column.value),
        column.at, "name it once");
    return true;
  }

  Result<bool> can_be_archived() {
    if (table_.key.empty()) {
      draft_.hazard("no-key",
                    fmt::format("{} has no primary key: archived values could not be told apart", table_.display()),
                    at_, "give it one, or say archive: false");
      return false;
    }
    return TRY(archive_name_is_free(draft_, table_, move_, at_));
  }

  // When nobody writes them any more.
  void archive(const std::vector<LeavingColumn>& leaving) {
    std::vector<std::string> parts;
    for (const auto& one : table_.key) parts.push_back(pg::quote_name(one));
    for (const auto& one : leaving) {
      const auto& name = one.column().name;
      if (std::find(table_.key.begin(), table_.key.end(), name) != table_.key.end()) continue;
      parts.push_back(fmt::format("{} AS {}", pg::quote_name(one.trash_name()), pg::quote_name(name)));
    }
    const auto target = pg::quote_name(archive_schema, archive_name(draft_, table_, move_));
    auto made = named_step(name_, "archive", fmt::format("{} keeps what stood in {}", target, table_.display()));
    auto sql = own_schema(archive_schema);
    sql.push_back(fmt::format("CREATE TABLE {} AS SELECT {} FROM {}", target, join(parts, ", "), table_.quoted()));
    sql.push_back(nobody_elses(target));
    made.up = transaction(sql);
    made.down = {transaction({"DROP TABLE " + target})};
    made.reason = "purge drops the columns; this stays";
    made.rows = table_.rows;
    made.scans = true;
    draft_.add(Phase::contract, Place::drops, made);
  }

  Draft& draft_;
  const RetireMove& move_;
  const Table& table_;
  const Position& at_;
  const std::string name_;
};

}  // namespace

Status compile_retire(Draft& draft, const RetireMove& move, const Position& at) {
  const auto table = TRY(draft.table(move.table.value));
  if (!table) {
    draft.hazard("no-such-table", fmt::format("there is no table '{}'", move.table.value), move.table.at,
                 "name it as the database does, with its schema where it is not the usual one");
    return {};
  }
  if (!table->in_catalog) {
    draft.hazard("made-here", fmt::format("{} is made by this migration", table->display()), move.table.at,
                 "leave it out where it is made");
    return {};
  }
  if (!draft.plain(*table, move.table.at)) return {};
  return move.columns.empty() ? retire_table(draft, move, *table, at) : Columns(draft, move, *table, at).compile();
}

}  // namespace segue::plan
