// The moves that carry data: backfill, tenancy, convert.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "migration/extract.h"
#include "migration/nearest.h"

namespace segue::migration {
namespace {

std::vector<Assignment> take_assignments(const Fields& fields, std::string_view key) {
  std::vector<Assignment> assignments;
  const auto* node = fields.find(key);
  if (node == nullptr) return assignments;
  for (const auto& entry : node->entries)
    assignments.push_back({fields.text_of(entry.key), fields.sql_of(entry.value)});
  return assignments;
}

void check_sync(const Fields& fields, const BackfillMove& move) {
  if (!move.keep_in_sync.given()) return;
  if (move.writers.value == Writers::none) {
    if (move.keep_in_sync.value == KeepInSync::no) return;
    fields.reading().problem(
        "exclusive-keys", move.keep_in_sync.at,
        "`writers: none` changes columns in place while nobody writes: there is nothing to be kept in sync",
        "take `keep_in_sync` out, or `writers`");
    return;
  }
  if (move.keep_in_sync.value == KeepInSync::pair && move.back.empty()) {
    fields.reading().problem("missing-key", move.keep_in_sync.at, "`keep_in_sync: pair` needs the way back",
                             "add `back: {old_column: expression}`, or write `keep_in_sync: derive`");
  }
  if (move.keep_in_sync.value != KeepInSync::pair && !move.back.empty()) {
    fields.reading().problem(
        "exclusive-keys", move.back.front().column.at,
        fmt::format("`back` belongs to `keep_in_sync: pair`, but here it is {}", shown(fields.text("keep_in_sync"))),
        "write `keep_in_sync: pair`, or take `back` out");
  }
}

IndexEntry take_index_entry(const Fields& outer, const Node& node) {
  IndexEntry entry;
  entry.at = outer.source().position(node.at);
  if (node.kind == Node::Kind::list) {
    for (const auto& column : node.items) entry.columns.push_back(outer.text_of(column));
    return entry;
  }
  const Fields fields(outer.reading(), outer.source(), &node);
  entry.columns = fields.texts("columns");
  entry.name = fields.text("name");
  entry.where = fields.sql("where");
  entry.from = fields.choice("from", {"contract", "switch"}, OldUniqueLeaves::at_contract);
  return entry;
}

std::vector<TableIndexes> take_indexes(const Fields& fields, std::string_view key) {
  std::vector<TableIndexes> tables;
  const auto* node = fields.find(key);
  if (node == nullptr) return tables;
  for (const auto& [table, entries] : node->entries) {
    TableIndexes indexes{fields.text_of(table), {}};
    for (const auto& entry : entries.items) indexes.entries.push_back(take_index_entry(fields, entry));
    tables.push_back(std::move(indexes));
  }
  return tables;
}

// `unique`, `index` and `displace` speak of tables that the move knows.
void check_known(const Fields& fields, const TenancyMove& move, const Text& table, std::string_view key) {
  std::vector<std::string> known;
  known.reserve(move.tables.size() + move.through.size());
  for (const auto& each : move.tables) known.push_back(each);
  for (const auto& each : move.through) known.push_back(each);
  if (move.through_auto || std::find(known.begin(), known.end(), table.value) != known.end()) return;
  const auto near = nearest(table, known);
  fields.reading().problem(
      "unknown-table", table.at, fmt::format("`{}` speaks of {}, which is not among `tables`", key, shown(table)),
      near.empty() ? "add it to `tables`, or take it out here" : fmt::format("did you mean `{}`?", near));
}

void check_tables(const Fields& fields, const TenancyMove& move) {
  Names tables(fields.reading(), "tables");
  for (const auto& table : move.tables) tables.add(table);
  if (move.tables.empty()) return;
  for (const auto& each : move.unique) check_known(fields, move, each.table, "unique");
  for (const auto& each : move.index) check_known(fields, move, each.table, "index");
  for (const auto& each : move.displace) {
    check_known(fields, move, each.table, "displace");
    if (each.name.value == move.column.value) {
      fields.reading().problem("same-name", each.name.at,
                               fmt::format("{} is the new column's own name", shown(each.name)),
                               "write the name that the old column gets");
    }
  }
}

}  // namespace

BackfillMove take_backfill(const Fields& fields) {
  BackfillMove move;
  move.table = fields.text("table");
  move.set = take_assignments(fields, "set");
  move.from = fields.sql("from");
  move.join = fields.sql("join");
  move.where = fields.sql("where");
  move.back = take_assignments(fields, "back");
  move.key = fields.texts("key");
  move.writers = fields.choice("writers", {"any", "none"}, Writers::any);
  const auto sync = move.writers.value == Writers::none ? KeepInSync::no
                    : !move.back.empty()                ? KeepInSync::pair
                                                        : KeepInSync::derive;
  move.keep_in_sync = fields.choice("keep_in_sync", {"derive", "pair", "no"}, sync);
  move.on_disagreement =
      fields.choice("on_disagreement", {"old_then_new", "refuse", "old", "new"}, OnDisagreement::old_then_new);
  for (const auto& [name, value] : fields.pairs("triggers")) move.triggers.push_back({name, value.value != "skip"});
  check_sync(fields, move);
  return move;
}

TenancyMove take_tenancy(const Fields& fields) {
  TenancyMove move;
  move.root = fields.text("root");
  if (const auto* first = fields.find("first")) {
    for (const auto& [column, value] : first->entries)
      move.first.push_back({fields.text_of(column), fields.value_of(value)});
  }
  move.column = fields.text("column");
  move.tables = fields.texts("tables");
  const auto* through = fields.find("through");
  move.through_auto = through != nullptr && through->kind == Node::Kind::scalar;
  if (!move.through_auto) move.through = fields.texts("through");
  move.unique = take_indexes(fields, "unique");
  move.index = take_indexes(fields, "index");
  move.on_delete = fields.text_or("on_delete", "restrict");
  move.rls = fields.flag("rls", false);
  for (const auto& [table, name] : fields.pairs("displace")) move.displace.push_back({table, name});
  check_tables(fields, move);
  return move;
}

ConvertMove take_convert(const Fields& fields) {
  ConvertMove move;
  move.table = fields.text("table");
  move.column = fields.text("column");
  move.to = fields.text("to");
  if (const auto* mapping = fields.find("mapping")) {
    for (const auto& [from, to] : mapping->entries) {
      // A key without quotes that reads null is NULL, as a value would be.
      const bool null_key = !from.quoted && (from.text == "~" || lower(from.text) == "null");
      move.mapping.push_back({{fields.text_of(from), null_key}, fields.value_of(to)});
    }
  }
  move.has_otherwise = fields.has("else");
  move.otherwise = fields.value("else");
  move.using_expression = fields.sql("using");
  move.back = fields.sql("back");
  move.as = fields.text("as");
  move.labels = fields.texts("labels");
  if (!move.as.empty() && move.as.value == move.column.value) {
    fields.reading().problem(
        "same-name", move.as.at, fmt::format("{} is the column's own name", shown(move.as)),
        "give the new column another name, or leave `as` out: the two then change names at the switch");
  }
  return move;
}

}  // namespace segue::migration
