#include "plan/moves/create_table.h"

#include <map>

#include "base/text.h"
#include "sql/facts.h"
#include "sql/names.h"

namespace segue::plan {
namespace {

// What a type is called by format_type, for the types that keys have; others as they are written.
std::string type_name(sql::Node type) {
  static const std::map<std::string, std::string> called = {
      {"serial", "integer"},   {"serial4", "integer"},
      {"int4", "integer"},     {"int", "integer"},
      {"bigserial", "bigint"}, {"serial8", "bigint"},
      {"int8", "bigint"},      {"smallserial", "smallint"},
      {"serial2", "smallint"}, {"int2", "smallint"},
      {"bool", "boolean"},     {"varchar", "character varying"},
      {"bpchar", "character"}, {"timestamptz", "timestamp with time zone"}};
  const auto name = sql::last_name(type["names"]);
  const auto found = called.find(name);
  std::string text = found == called.end() ? name : found->second;
  if (type["typmods"].size() == 1) text += "(" + std::to_string(type["typmods"].at(0)["ival"]["ival"].number()) + ")";
  if (!type["arrayBounds"].empty()) text += "[]";
  return text;
}

void add_unique(Table& table, std::vector<std::string> columns, bool primary, std::string name) {
  UniqueIndex unique;
  unique.name = std::move(name);
  unique.columns = std::move(columns);
  unique.is_constraint = true;
  unique.primary = primary;
  if (primary) table.key = unique.columns;
  table.index_names.push_back(unique.name);
  table.uniques.push_back(std::move(unique));
}

void take_constraint(Table& table, sql::Node constraint, const std::string& column) {
  const auto kind = constraint["contype"].text();
  if (kind == "CONSTR_NOTNULL") {
    for (auto& one : table.columns) one.not_null = one.not_null || one.name == column;
  }
  if (kind != "CONSTR_PRIMARY" && kind != "CONSTR_UNIQUE") return;
  auto columns = column.empty() ? sql::names_of(constraint["keys"]) : std::vector<std::string>{column};
  add_unique(table, std::move(columns), kind == "CONSTR_PRIMARY", sql::constraint_name(constraint, table.name, column));
}

}  // namespace

Table read_create_table(const sql::Statement& statement) {
  const auto name = sql::name_of_relation(statement.tree["relation"]);
  Table table;
  table.schema = name.schema.empty() ? "public" : name.schema;
  table.name = name.name;
  table.in_catalog = false;
  for (const auto element : statement.tree["tableElts"]) {
    if (!element.is("ColumnDef")) continue;
    table.columns.push_back({element["colname"].string(), type_name(element["typeName"]), false, false});
  }
  for (const auto element : statement.tree["tableElts"]) {
    if (element.is("Constraint")) take_constraint(table, element, "");
    if (!element.is("ColumnDef")) continue;
    for (const auto constraint : element["constraints"])
      take_constraint(table, constraint, element["colname"].string());
  }
  return table;
}

}  // namespace segue::plan
