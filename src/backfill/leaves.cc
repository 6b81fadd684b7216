#include "backfill/leaves.h"

#include "pg/quote.h"

namespace segue::backfill {

Result<std::vector<Leaf>> leaves_of(pg::Connection& connection, const std::string& table) {
  const auto rows = TRY(connection.query(
      "SELECT n.nspname, c.relname, greatest(pg_relation_size(c.oid), 1)::float8 FROM pg_class p CROSS JOIN LATERAL "
      "pg_partition_tree(p.oid) t JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE p.oid = $1::regclass AND p.relkind = 'p' AND t.isleaf AND c.relkind = 'r' ORDER BY c.oid",
      {table}));
  std::vector<Leaf> leaves;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    leaves.push_back({pg::quote_name(rows.string(row, 0), rows.string(row, 1)), rows.real(row, 2)});
  }
  const auto partitioned =
      leaves.empty()
          ? TRY(connection.query("SELECT relkind = 'p' FROM pg_class WHERE oid = $1::regclass", {table})).boolean(0, 0)
          : true;
  if (!partitioned) leaves.push_back({table});
  return leaves;
}

}  // namespace segue::backfill
