#include "catalog/table_list.h"

#include <algorithm>

#include "base/text.h"
#include "pg/quote.h"

namespace segue::catalog {
namespace {

constexpr const char* kTables = R"(
  SELECT format('%I.%I', n.nspname, c.relname), n.nspname, c.relname, c.oid, c.relfilenode,
    coalesce(pg_relation_size(c.oid), 0) / current_setting('block_size')::bigint,
    am.amname IS NOT DISTINCT FROM 'heap'
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am am ON am.oid = c.relam
  WHERE c.relkind = 'r' AND c.relpersistence <> 't'
    AND CASE WHEN cardinality($1::text[]) > 0 THEN n.nspname = ANY ($1::text[])
             ELSE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' END
    AND ($2::boolean OR n.nspname NOT IN ('segue', 'segue_trash', 'segue_archive'))
  ORDER BY c.oid)";

// Columns of the same tables; a domain stands for its base type, a domain over a domain for itself.
constexpr const char* kColumns = R"(
  SELECT a.attrelid, a.attname, coalesce(base.oid, t.oid), coalesce(base.typelem, t.typelem),
    coalesce(base.typsubscript, t.typsubscript)::oid = 'array_subscript_handler'::regproc, base.oid IS NOT NULL
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type base ON t.typtype = 'd' AND base.oid = t.typbasetype
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped
    AND CASE WHEN cardinality($1::text[]) > 0 THEN n.nspname = ANY ($1::text[])
             ELSE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' END
    AND ($2::boolean OR n.nspname NOT IN ('segue', 'segue_trash', 'segue_archive'))
  ORDER BY a.attrelid, a.attnum)";

Status keep_only(const std::vector<std::string>& only, std::vector<TableToRead>& tables) {
  for (const std::string& wanted : only) {
    if (std::none_of(tables.begin(), tables.end(), [&](const auto& table) { return table.name == wanted; })) {
      std::vector<std::string> names;
      for (const auto& table : tables) names.push_back(table.name);
      const std::string nearest = nearest_word(wanted, names);
      return usage_error("there is no table " + wanted + " whose rows can be read",
                         nearest.empty() ? "name it with its schema, as in public.orders" : "did you mean " + nearest);
    }
  }
  std::erase_if(tables,
                [&](const auto& table) { return std::find(only.begin(), only.end(), table.name) == only.end(); });
  return {};
}

}  // namespace

Result<std::vector<TableToRead>> tables_to_read(pg::Connection& connection, const std::vector<std::string>& schemas,
                                                const std::vector<std::string>& only, bool own_schemas) {
  auto answers =
      TRY(pg::Pipeline(connection).add(kTables, {schemas, own_schemas}).add(kColumns, {schemas, own_schemas}).run());
  const pg::Rows &rows = answers[0], &columns = answers[1];
  std::vector<TableToRead> tables;
  std::size_t next = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    TableToRead table;
    table.name = rows.string(row, 0);
    table.sql_name = pg::quote_name(rows.text(row, 1), rows.text(row, 2));
    table.oid = static_cast<std::uint32_t>(rows.integer(row, 3));
    table.file = static_cast<std::uint32_t>(rows.integer(row, 4));
    table.pages = rows.integer(row, 5);
    table.by_pages = rows.boolean(row, 6);
    for (; next < columns.size() && columns.integer(next, 0) == table.oid; ++next) {
      ColumnForHash column;
      column.name = columns.string(next, 1);
      column.type = static_cast<std::uint32_t>(columns.integer(next, 2));
      if (columns.boolean(next, 4)) column.element = static_cast<std::uint32_t>(columns.integer(next, 3));
      column.domain = columns.boolean(next, 5);
      table.columns.push_back(std::move(column));
    }
    tables.push_back(std::move(table));
  }
  if (!only.empty()) TRY(keep_only(only, tables));
  return tables;
}

}  // namespace segue::catalog
