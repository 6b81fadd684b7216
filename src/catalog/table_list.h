// The tables whose rows a data fingerprint reads, as one snapshot of the server sees them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/row_hash.h"
#include "pg/connection.h"

namespace segue::catalog {

struct TableToRead {
  std::string name;      // "public.orders", quoted as SQL quotes names
  std::string sql_name;  // always quoted
  std::uint32_t oid = 0;
  std::uint32_t file = 0;  // relfilenode: another one later means truncated or rewritten
  std::int64_t pages = 0;
  bool by_pages = false;  // can be read in ranges of pages
  std::vector<ColumnForHash> columns;
};

// In the transaction that the connection is in. `only` names tables as in TableToRead::name; one that is not there is
// an error of the user's. With `own_schemas` also those of segue, segue_trash and segue_archive.
Result<std::vector<TableToRead>> tables_to_read(pg::Connection& connection, const std::vector<std::string>& schemas,
                                                const std::vector<std::string>& only, bool own_schemas = false);

}  // namespace segue::catalog
