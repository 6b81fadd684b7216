#include "plan/table.h"

#include "pg/quote.h"

namespace segue::plan {
namespace {

constexpr const char* table_sql = R"sql(
SELECT n.nspname, c.relname,
       CASE WHEN c.relkind = 'p' THEN 'partitioned table' WHEN c.relkind = 'v' THEN 'view' WHEN c.relkind = 'm' THEN 'materialized view'
            WHEN c.relkind = 'f' THEN 'foreign table' WHEN c.relispartition THEN 'partition'
            WHEN EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent)) THEN 'table with inheritance'
            WHEN c.relpersistence = 't' THEN 'temporary table' ELSE 'table' END,
       greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid), c.reltuples >= 0, c.oid::text,
       pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'USAGE'), row_security_active(c.oid),
       (SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))sql";

constexpr const char* columns_sql = R"sql(
SELECT attname, format_type(atttypid, atttypmod), attnotnull, atthasdef,
       attgenerated <> '', CASE WHEN attgenerated = '' THEN coalesce(pg_get_expr(d.adbin, d.adrelid), '') ELSE '' END
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum)sql";

constexpr const char* uniques_sql = R"sql(
SELECT ic.relname,
       ARRAY(SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k(attnum, place)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.place),
       i.indexprs IS NOT NULL, con.oid IS NOT NULL, i.indisprimary, i.indpred IS NOT NULL, pg_get_indexdef(i.indexrelid),
       concat_ws(' ', CASE WHEN con.condeferrable THEN 'DEFERRABLE' END,
                 CASE WHEN con.condeferred THEN 'INITIALLY DEFERRED' END),
       coalesce(obj_description(con.oid, 'pg_constraint'), ''),
       EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = i.indexrelid)
FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('u', 'p') AND con.conrelid = i.indrelid
WHERE i.indrelid = $1::oid AND i.indisunique ORDER BY ic.relname)sql";

constexpr const char* names_sql = R"sql(
SELECT relname FROM pg_class WHERE relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = $1::oid))sql";

}  // namespace

std::string Table::quoted() const {
  return pg::quote_name(schema, name);
}

std::string Table::display() const {
  return schema == "public" ? pg::display_name(name) : pg::display_name(schema, name);
}

bool Table::is_called(const std::string& written) const {
  return written == name || written == schema + "." + name;
}

const TableColumn* Table::column(const std::string& wanted) const {
  for (const auto& one : columns) {
    if (one.name == wanted) return &one;
  }
  return nullptr;
}

Result<std::optional<Table>> load_table(pg::Connection& connection, const std::string& name) {
  const auto dot = name.find('.');
  const std::string quoted =
      dot == std::string::npos ? pg::quote_name(name) : pg::quote_name(name.substr(0, dot), name.substr(dot + 1));
  const auto found = TRY(connection.query(table_sql, {quoted}));
  if (found.empty()) return std::optional<Table>();
  Table table;
  table.schema = found.string(0, 0);
  table.name = found.string(0, 1);
  table.kind = found.string(0, 2);
  table.rows = found.integer(0, 3);
  table.bytes = found.integer(0, 4);
  table.analyzed = found.boolean(0, 5);
  table.owner = found.string(0, 7);
  table.mine = found.boolean(0, 8);
  table.hides_rows = found.boolean(0, 9);
  table.search_path = found.string(0, 10);
  const pg::Params oid{found.string(0, 6)};

  const auto columns = TRY(connection.query(columns_sql, oid));
  for (std::size_t row = 0; row < columns.size(); ++row) {
    table.columns.push_back({columns.string(row, 0), columns.string(row, 1), columns.boolean(row, 2),
                             columns.boolean(row, 3), columns.boolean(row, 4), columns.string(row, 5)});
  }
  const auto uniques = TRY(connection.query(uniques_sql, oid));
  for (std::size_t row = 0; row < uniques.size(); ++row) {
    UniqueIndex unique;
    unique.name = uniques.string(row, 0);
    if (!uniques.boolean(row, 2)) unique.columns = uniques.list(row, 1);
    unique.is_constraint = uniques.boolean(row, 3);
    unique.primary = uniques.boolean(row, 4);
    unique.partial = uniques.boolean(row, 5);
    unique.definition = uniques.string(row, 6);
    unique.constraint_tail = uniques.string(row, 7);
    unique.comment = uniques.string(row, 8);
    unique.referenced = uniques.boolean(row, 9);
    if (unique.primary) table.key = unique.columns;
    table.uniques.push_back(std::move(unique));
  }
  const auto names = TRY(connection.query(names_sql, oid));
  for (std::size_t row = 0; row < names.size(); ++row) table.index_names.push_back(names.string(row, 0));
  return std::optional<Table>(std::move(table));
}

Result<std::vector<std::string>> update_triggers(pg::Connection& connection, const Table& table) {
  const auto rows = TRY(connection.query(
      "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass($1) AND NOT tgisinternal AND tgenabled <> 'D' AND "
      "tgtype & 16 <> 0 AND tgname !~ '^[~!]segue_' ORDER BY 1",
      {table.quoted()}));
  std::vector<std::string> names;
  for (std::size_t row = 0; row < rows.size(); ++row) names.push_back(rows.string(row, 0));
  return names;
}

}  // namespace segue::plan
