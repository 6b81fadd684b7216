#include "backup/restore_table.h"

#include <fmt/format.h>

#include <fstream>

#include "base/text.h"
#include "catalog/cancel_on_stop.h"
#include "pg/quote.h"

namespace segue::backup {
namespace fs = std::filesystem;

Status make_table(pg::Connection& connection, const std::string& kind, const std::string& target,
                  const CopiedTable& like) {
  std::vector<std::string> columns;
  for (const auto& column : like.columns) {
    // What the file says is a type is nothing else: the server itself reads it as one first.
    const auto known = connection.value("SELECT (to_regtype($1) IS NOT NULL)::text", {column.type});
    if (!known || *known != "true") {
      return refused("no-type", fmt::format("the database has no type {} for the column {}", column.type, column.name),
                     "restore the whole backup into an empty database instead, or make the type first");
    }
    columns.push_back(pg::quote_name(column.name) + " " + column.type);
  }
  return connection.execute("CREATE " + kind + " " + target + " (" + join(columns, ", ") + ")");
}

Result<catalog::TableData> load_copy(pg::Connection& connection, const fs::path& folder, const CopiedTable& copy,
                                     const std::string& encoding, const std::string& target) {
  std::ifstream file(folder / copy.file, std::ios::binary);
  if (!file) return usage_error("a file of the backup is missing", "the backup is not whole", folder / copy.file);
  const std::string own = TRY(connection.value("SELECT current_setting('client_encoding')"));
  const auto oid = TRY(connection.value("SELECT $1::regclass::oid::text", {target}));
  const auto columns = TRY(read_columns(connection, static_cast<std::uint32_t>(std::stoul(oid))));
  TRY(connection.execute("SELECT set_config('client_encoding', $1, false)", {encoding}));
  TRY(connection.copy_in("COPY " + target + " " + columns.in_brackets() + " FROM STDIN", [&] {
    std::string piece(65536, '\0');
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<std::size_t>(file.gcount()));
    return piece;
  }));
  TRY(connection.execute("SELECT set_config('client_encoding', $1, false)", {own}));
  return hash_rows(connection, columns, target);
}

Result<ReadBack> load_all_copies(const std::string& url, const fs::path& folder, const Record& record,
                                 const std::atomic<bool>* stop) {
  auto connection = TRY(open_rows_session(url));
  catalog::CancelOnStop cancel(stop);
  cancel.watch(connection);
  for (const auto& copy : record.copies) {
    TRY(connection.begin());
    TRY(make_table(connection, "TEMP TABLE", "segue_read_back", copy));
    const auto found = TRY(load_copy(connection, folder, copy, record.encoding, "pg_temp.segue_read_back"));
    connection.rollback();
    if (found != catalog::TableData{copy.rows, copy.hash}) {
      return failure("backup-differs",
                     fmt::format("the copy does not hold what was copied: {} rows (hash {}) became {} (hash {})",
                                 with_commas(copy.rows), copy.hash, with_commas(found.rows), found.hash),
                     "this copy must not be relied on", folder / copy.file);
    }
  }
  return ReadBack{true, "temporary table", {}};
}

}  // namespace segue::backup
