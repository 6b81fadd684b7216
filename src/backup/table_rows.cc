#include "backup/table_rows.h"

#include "base/text.h"
#include "catalog/session.h"
#include "pg/quote.h"

namespace segue::backup {
namespace {

// A domain stands for its base type, as in the data fingerprint.
constexpr const char* kColumns = R"(
  SELECT a.attname, format_type(a.atttypid, a.atttypmod), coalesce(base.oid, t.oid), coalesce(base.typelem, t.typelem),
    coalesce(base.typsubscript, t.typsubscript)::oid = 'pg_catalog.array_subscript_handler'::regproc,
    base.oid IS NOT NULL, a.attgenerated <> ''
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type base ON t.typtype = 'd' AND base.oid = t.typbasetype
  WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attnum)";

// A decimal number, not negative and below 2^64, of any sum.
constexpr const char* kModulo = "(((%)::numeric % 18446744073709551616) + 18446744073709551616) % 18446744073709551616";

}  // namespace

std::string TableColumns::list() const {
  return pg::quote_names(names);
}

std::string TableColumns::in_brackets() const {
  return names.empty() ? std::string() : "(" + list() + ")";
}

Result<TableColumns> read_columns(pg::Connection& connection, std::uint32_t oid) {
  const auto rows = TRY(connection.query(kColumns, {static_cast<long>(oid)}));
  TableColumns columns;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows.boolean(row, 6)) {
      columns.generated = true;
      continue;
    }
    catalog::ColumnForHash one;
    one.name = rows.string(row, 0);
    one.type = static_cast<std::uint32_t>(rows.integer(row, 2));
    if (rows.boolean(row, 4)) one.element = static_cast<std::uint32_t>(rows.integer(row, 3));
    one.domain = rows.boolean(row, 5);
    columns.names.push_back(one.name);
    columns.types.push_back(rows.string(row, 1));
    columns.for_hash.push_back(std::move(one));
  }
  return columns;
}

Result<catalog::TableData> hash_rows(pg::Connection& connection, const TableColumns& columns, const std::string& from) {
  std::string sum = kModulo;
  sum.replace(sum.find('%'), 1, "sum(" + catalog::row_hash(columns.for_hash) + ")");
  const auto rows = TRY(connection.query("SELECT count(*), coalesce(" + sum + ", 0)::text FROM " + from));
  return catalog::TableData{rows.integer(0, 0), hex(std::stoull(rows.string(0, 1)))};
}

Result<pg::Connection> open_rows_session(const std::string& url, std::string* encoding) {
  pg::ConnectOptions options{.url = url, .application_name = "segue backup", .settings = catalog::steady_settings()};
  for (const auto& [name, value] : {std::pair("lock_timeout", "0"),
                                    {"idle_in_transaction_session_timeout", "0"},
                                    {"default_transaction_read_only", "off"},
                                    {"default_transaction_isolation", "read committed"}}) {
    options.settings.emplace_back(name, value);
  }
  auto connection = TRY(pg::Connection::open(options));
  const auto stored = TRY(connection.value("SELECT current_setting('server_encoding')"));
  if (stored == "SQL_ASCII") TRY(connection.execute("SET client_encoding = 'SQL_ASCII'"));
  if (encoding != nullptr) *encoding = stored == "SQL_ASCII" ? "SQL_ASCII" : "UTF8";
  return connection;
}

Result<std::string> meant_table(const std::string& typed, const std::vector<std::string>& names) {
  std::vector<std::string> found;
  for (const auto& name : names) {
    if (name == typed || name == "public." + typed) return name;
    if (name.ends_with("." + typed)) found.push_back(name);
  }
  if (found.size() == 1) return found.front();
  const std::string nearest = nearest_word(typed.find('.') == std::string::npos ? "public." + typed : typed, names);
  if (found.size() > 1)
    return usage_error("there are several tables " + typed + ": " + join(found, ", "), "name its schema");
  return usage_error("the backup holds no table " + typed,
                     nearest.empty() ? "name it with its schema, as in public.orders" : "did you mean " + nearest);
}

}  // namespace segue::backup
