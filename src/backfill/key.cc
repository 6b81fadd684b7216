#include "backfill/key.h"

#include <fmt/format.h>

#include "base/text.h"
#include "pg/quote.h"

namespace segue::backfill {
namespace {

// The primary key first, then the unique index with the fewest columns.
constexpr const char* key_sql = R"sql(
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.atttypid IN (20, 21, 23)
FROM (SELECT i.indexrelid, i.indrelid, i.indkey, i.indnkeyatts FROM pg_index i
      WHERE i.indrelid = $1::regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        AND i.indimmediate
        AND (cardinality($2::text[]) = 0
             OR $2::text[] = (SELECT array_agg(w.attname::text ORDER BY k.place)
                              FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k(attnum, place)
                              JOIN pg_attribute w ON w.attrelid = i.indrelid AND w.attnum = k.attnum))
        AND NOT EXISTS (SELECT FROM unnest(i.indkey[0:i.indnkeyatts - 1]) k
                        JOIN pg_attribute n ON n.attrelid = i.indrelid AND n.attnum = k AND NOT n.attnotnull)
      ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1) best
CROSS JOIN unnest(best.indkey[0:best.indnkeyatts - 1]) WITH ORDINALITY k(attnum, place)
JOIN pg_attribute a ON a.attrelid = best.indrelid AND a.attnum = k.attnum ORDER BY k.place)sql";

}  // namespace

std::string unquoted(const std::string& column) {
  if (!column.starts_with('"')) return column;
  std::string name;
  for (std::size_t at = 1; at + 1 < column.size(); ++at) {
    name += column[at];
    if (column[at] == '"') ++at;  // it stands there twice
  }
  return name;
}

std::string Key::list() const {
  return join(columns, ", ");
}

std::string Key::row() const {
  return "(" + list() + ")";
}

std::string Key::parameters(int first) const {
  std::string text;
  for (const auto& type : types) text += fmt::format("{}${}::{}", text.empty() ? "" : ", ", first++, type);
  return "(" + text + ")";
}

std::string Key::position() const {
  std::string text;
  for (const auto& column : columns) text += (text.empty() ? "" : ", ") + column + "::text";
  return "jsonb_build_array(" + text + ")::text";
}

std::string Key::object(const std::string& of) const {
  std::string pairs;
  for (const auto& column : columns) {
    pairs +=
        fmt::format("{}{}, {}.{}::text", pairs.empty() ? "" : ", ", pg::quote_literal(unquoted(column)), of, column);
  }
  return "jsonb_build_object(" + pairs + ")";
}

std::string Key::matches(const std::string& object) const {
  std::string text;
  for (std::size_t at = 0; at < columns.size(); ++at) {
    text += fmt::format("{}{} = ({}::jsonb ->> {})::{}", at ? " AND " : "", columns[at], object,
                        pg::quote_literal(unquoted(columns[at])), types[at]);
  }
  return text;
}

Result<Key> find_key(pg::Connection& connection, const std::string& table, const std::vector<std::string>& wanted) {
  const auto rows = TRY(connection.query(key_sql, {table, wanted}));
  Key key;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    key.columns.push_back(pg::quote_name(rows.text(row, 0)));
    key.types.push_back(rows.string(row, 1));
  }
  key.integer = rows.size() == 1 && rows.boolean(0, 2);
  return key;
}

}  // namespace segue::backfill
