// The rows of one table: its columns that are stored and not generated, and their hash as src/catalog/ makes it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "catalog/data_fingerprint.h"
#include "catalog/row_hash.h"
#include "pg/connection.h"

namespace segue::backup {

struct TableColumns {
  std::vector<std::string> names;  // unquoted, in their order
  std::vector<std::string> types;  // as format_type says, with schema where search_path is empty
  std::vector<catalog::ColumnForHash> for_hash;
  bool generated = false;  // there are generated columns, which are not among these

  std::string list() const;         // "a", "b"
  std::string in_brackets() const;  // (a, b), or nothing where there is no column: what COPY takes
};

Result<TableColumns> read_columns(pg::Connection& connection, std::uint32_t oid);

// Count and hash of `from` (quoted, ONLY where wanted), in the settings of catalog/session.h.
Result<catalog::TableData> hash_rows(pg::Connection& connection, const TableColumns& columns, const std::string& from);

// A session with those settings, and the encoding in which rows go to files; `encoding` gets its name.
Result<pg::Connection> open_rows_session(const std::string& url, std::string* encoding = nullptr);

// "T" → the one of `names` ("public.orders", quoted as SQL quotes) that was meant: as it stands, in public, or the only
// one of that name. The error proposes the nearest.
Result<std::string> meant_table(const std::string& typed, const std::vector<std::string>& names);

}  // namespace segue::backup
