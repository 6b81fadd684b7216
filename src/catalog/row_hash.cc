#include "catalog/row_hash.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "pg/quote.h"

namespace segue::catalog {
namespace {

struct BinaryType {
  std::uint32_t oid;
  std::string_view name;
};

// Oids of built-in types are the same on every server. Not here although built in: xml (a dump drops its encoding),
// tsquery and jsonpath (text forgets how they nest), and the oid aliases such as regclass (their numbers change).
constexpr std::array kBinary = {
    BinaryType{16, "bool"},        BinaryType{17, "bytea"},         BinaryType{18, "\"char\""},
    BinaryType{19, "name"},        BinaryType{20, "int8"},          BinaryType{21, "int2"},
    BinaryType{23, "int4"},        BinaryType{25, "text"},          BinaryType{26, "oid"},
    BinaryType{114, "json"},       BinaryType{650, "cidr"},         BinaryType{790, "money"},
    BinaryType{829, "macaddr"},    BinaryType{869, "inet"},         BinaryType{1042, "bpchar"},
    BinaryType{1043, "varchar"},   BinaryType{1082, "date"},        BinaryType{1083, "time"},
    BinaryType{1114, "timestamp"}, BinaryType{1184, "timestamptz"}, BinaryType{1186, "interval"},
    BinaryType{1266, "timetz"},    BinaryType{1560, "\"bit\""},     BinaryType{1562, "varbit"},
    BinaryType{1700, "numeric"},   BinaryType{2950, "uuid"},        BinaryType{3802, "jsonb"},
};
constexpr std::uint32_t kFloat4 = 700, kFloat8 = 701;

std::string_view binary_name(std::uint32_t type) {
  const auto* found = std::find_if(kBinary.begin(), kBinary.end(), [&](const auto& one) { return one.oid == type; });
  return found == kBinary.end() ? std::string_view() : found->name;
}

// Every NaN is the same NaN: its other bits cannot be seen in SQL and no dump carries them.
std::string one_nan(const std::string& column, const std::string& type) {
  return "CASE WHEN " + column + " <> 'NaN' THEN " + column + "::pg_catalog." + type + " WHEN " + column +
         " IS NOT NULL THEN 'NaN'::pg_catalog." + type + " END";
}

// What goes in as binary, or nothing if the column must go in as text.
std::string binary_form(const ColumnForHash& column) {
  const std::string name = pg::quote_name(column.name);
  if (column.type == kFloat4) return one_nan(name, "float4");
  if (column.type == kFloat8) return one_nan(name, "float8");
  if (column.element != 0) {
    if (binary_name(column.element).empty()) return {};
    return column.domain ? name + "::pg_catalog." + std::string(binary_name(column.element)) + "[]" : name;
  }
  if (binary_name(column.type).empty()) return {};
  return column.domain ? name + "::pg_catalog." + std::string(binary_name(column.type)) : name;
}

}  // namespace

std::string row_hash(const std::vector<ColumnForHash>& columns) {
  std::vector<std::string> values, as_text;
  for (const auto& column : columns) {
    const std::string binary = binary_form(column);
    if (binary.empty()) {
      as_text.push_back(pg::quote_name(column.name));
    } else {
      values.push_back(binary);
    }
  }
  if (!as_text.empty()) values.push_back("ROW(" + join(as_text, ", ") + ")::pg_catalog.text");
  return "pg_catalog.hash_record_extended(ROW(pg_catalog.record_send(ROW(" + join(values, ", ") + "))), 0)";
}

}  // namespace segue::catalog
