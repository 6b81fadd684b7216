#include "engine/table_shape.h"

namespace segue::engine {

Result<TableShape> shape_of(pg::Connection& connection, const std::string& quoted_table) {
  const auto columns =
      TRY(connection.query("SELECT ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND "
                           "attnum > 0 AND NOT attisdropped "
                           "AND attgenerated = '' ORDER BY attnum)",
                           {quoted_table}));
  const auto key =
      TRY(connection.query("SELECT ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY "
                           "k(attnum, place) JOIN pg_attribute a "
                           "ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE k.place <= i.indnkeyatts ORDER BY "
                           "place) FROM pg_index i WHERE "
                           "i.indrelid = $1::regclass AND i.indisunique AND i.indisvalid AND i.indimmediate AND "
                           "i.indpred IS NULL AND i.indexprs IS "
                           "NULL AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum "
                           "= ANY(i.indkey::int2[]) AND "
                           "NOT a.attnotnull) ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1",
                           {quoted_table}));
  return TableShape{columns.list(0, 0), key.empty() ? std::vector<std::string>() : key.list(0, 0)};
}

}  // namespace segue::engine
