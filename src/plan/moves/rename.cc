// rename: a column lives under both names until contract; a table keeps its old name until then, and the new name is a
// view that can be written (protocols 8): the application that nobody can change sees the table that it always saw.
#include <fmt/format.h>

#include "pg/quote.h"
#include "plan/moves/move.h"
#include "plan/moves/rename_table.h"
#include "plan/moves/twice.h"

namespace segue::plan {
namespace {

using migration::Position;
using migration::RenameMove;

migration::Text expression(const std::string& column, const Position& at) {
  migration::Text text;
  text.value = pg::quote_name(column);
  text.at = at;
  return text;
}

Status rename_column(Draft& draft, const RenameMove& move, const Table& table, const Position& at) {
  const auto* column = table.column(move.column);
  if (column == nullptr) {
    draft.hazard("no-such-column", fmt::format("{} has no column {}", table.display(), move.column.value),
                 move.column.at, "name it as the database does");
    return {};
  }
  Twice twice;
  twice.move = "rename " + table.display();
  twice.table = table;
  twice.old_name = move.column;
  twice.new_name = move.to;
  twice.type = column->type;
  twice.forth = expression(move.column, at);
  twice.back = expression(move.to, at);
  twice.total = true;
  return add_twice(draft, twice, at);
}

}  // namespace

Status compile_rename(Draft& draft, const RenameMove& move, const Position& at) {
  const auto table = TRY(draft.table(move.table));
  if (!table) {
    draft.hazard("no-such-table", fmt::format("there is no table '{}'", move.table.value), move.table.at,
                 "name it as the database does, with its schema where it is not the usual one");
    return {};
  }
  if (!table->in_catalog) {
    draft.hazard("made-here", fmt::format("{} is made by this migration", table->display()), move.table.at,
                 "give it the name that it is to have where it is made");
    return {};
  }
  return move.column.empty() ? rename_table(draft, move, *table, at) : rename_column(draft, move, *table, at);
}

}  // namespace segue::plan
