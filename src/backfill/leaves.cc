#include "backfill/leaves.h"

#include "pg/quote.h"

namespace segue::backfill {

Result<std::vector<Leaf>> leaves_of(pg::Connection& connection, const std::string& table) {
  const auto rows = TRY(connection.query(R"sql(
SELECT p.relkind = 'p', leaf.nspname, leaf.relname, leaf.size
FROM pg_class p
LEFT JOIN LATERAL (
  SELECT c.oid, n.nspname, c.relname, greatest(pg_relation_size(c.oid), 1)::float8 AS size
  FROM pg_partition_tree(p.oid) t JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE t.isleaf AND c.relkind = 'r') leaf ON p.relkind = 'p'
WHERE p.oid = $1::regclass ORDER BY leaf.oid)sql",
                                         {table}));
  std::vector<Leaf> leaves;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!rows.boolean(row, 0)) return std::vector<Leaf>{{table}};
    if (rows.is_null(row, 1)) continue;  // it has no partition yet
    leaves.push_back({pg::quote_name(rows.string(row, 1), rows.string(row, 2)), rows.real(row, 3)});
  }
  return leaves;
}

}  // namespace segue::backfill
