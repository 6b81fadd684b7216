// The moves that are said in a line or two, and the choice between all of them.
#include <fmt/format.h>

#include "migration/extract.h"

namespace segue::migration {
namespace {

SqlMove take_sql(const Fields& move) {
  return {move.sql("sql"), move.phase("phase", Phase::expand), move.sql("undo")};
}

RenameMove take_rename(const Fields& fields) {
  RenameMove move{fields.text("table"), fields.text("column"), fields.text("to")};
  const auto& now = move.column.empty() ? move.table : move.column;
  if (!move.to.empty() && now.value == move.to.value) {
    fields.reading().problem("same-name", move.to.at, fmt::format("{} is what it is called already", shown(move.to)),
                             "write the new name, or take the move out");
  }
  return move;
}

ReparentMove take_reparent(const Fields& fields) {
  return {fields.text("table"),  fields.text("from"),
          fields.text("to"),     fields.text("parent"),
          fields.sql("through"), fields.choice("missing", {"create", "refuse", "null"}, OnMissing::refuse),
          fields.text("never"),  fields.text("on_delete")};
}

// "public.contacts.company_id": the part behind the last dot is the column.
JunctionMove take_junction(const Fields& fields) {
  JunctionMove move{fields.text("from"), {}, {}, fields.text("table"), fields.texts("columns"), fields.text("primary")};
  move.from_table = move.from_column = move.from;
  const auto dot = move.from.value.rfind('.');
  if (dot == std::string::npos) return move;
  move.from_table.value.resize(dot);
  move.from_column.value.erase(0, dot + 1);
  move.from_column.at = move.from_column.body = position_in(move.from, dot + 1);
  if (move.columns.size() == 2 && move.columns[0].value == move.columns[1].value) {
    fields.reading().problem("same-name", move.columns[1].at,
                             fmt::format("both columns of the junction are called {}", shown(move.columns[1])),
                             "name two columns");
  }
  return move;
}

RetireMove take_retire(const Fields& fields) {
  return {fields.text("table"), fields.texts("columns"), fields.flag("archive", true)};
}

}  // namespace

AnyMove take_move(const Fields& move) {
  if (move.has("backfill")) return take_backfill(move.mapping("backfill"));
  if (move.has("tenancy")) return take_tenancy(move.mapping("tenancy"));
  if (move.has("rename")) return take_rename(move.mapping("rename"));
  if (move.has("convert")) return take_convert(move.mapping("convert"));
  if (move.has("reparent")) return take_reparent(move.mapping("reparent"));
  if (move.has("junction")) return take_junction(move.mapping("junction"));
  if (move.has("retire")) return take_retire(move.mapping("retire"));
  if (move.has("policies")) {
    const auto fields = move.mapping("policies");
    return PoliciesMove{fields.text("table"), fields.text("like"), fields.sql("sql")};
  }
  return take_sql(move);
}

std::string_view kind_of(const Move& move) {
  static constexpr std::string_view kinds[] = {"sql",      "backfill", "tenancy",  "rename", "convert",
                                               "reparent", "junction", "policies", "retire"};
  static_assert(std::size(kinds) == std::variant_size_v<AnyMove>);
  return kinds[move.what.index()];
}

}  // namespace segue::migration
