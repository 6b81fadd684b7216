// The rows of one table out of a backup, into a new table of the session's transaction.
#pragma once

#include <filesystem>
#include <string>

#include "backup/find_tools.h"
#include "backup/record.h"
#include "backup/table_rows.h"
#include "base/error.h"
#include "pg/connection.h"

namespace segue::backup {

// Makes `target` (quoted) with these columns, which must have types that the database knows.
Status make_table(pg::Connection& connection, const std::string& kind, const std::string& target,
                  const CopiedTable& like);

// Fills `target` from the copy's file; its count and hash.
Result<catalog::TableData> load_copy(pg::Connection& connection, const std::filesystem::path& folder,
                                     const CopiedTable& copy, const std::string& encoding, const std::string& target);

// Verifies copies of tables by loading them into temporary tables.
Result<ReadBack> load_all_copies(const std::string& url, const std::filesystem::path& folder, const Record& record,
                                 const std::atomic<bool>* stop);

}  // namespace segue::backup
