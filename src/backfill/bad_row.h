// Names the row at which a batch fails.
//
// Half of the rows are tried, a quarter …: the shortest beginning of the batch that fails ends with the bad row. Asking
// only evaluates the expressions, which leaves nothing behind. Trying changes the rows in transactions that are rolled
// back, which finds what constraints and triggers refuse too, and leaves used-up sequence numbers and the room of the
// rows: it is for small batches. A row that somebody mends or locks meanwhile is not named.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backfill/walk.h"
#include "pg/connection.h"
#include "plan/step.h"

namespace segue::backfill {

struct FailedBatch {
  const plan::BackfillJob& job;
  const Key& key;
  Stretch stretch;
  std::vector<std::string> types;  // of the columns that are set, without their lengths
};

struct BadRow {
  Error error;           // with its row in the message: "row (id = 7) of orders: …"
  std::string message;   // the server's own
  std::string position;  // by key, or by place where the table has none
};

enum class Search { asking, trying };

// Nothing where no single row is found: it was mended or locked meanwhile, or the batch as a whole is to blame.
Result<std::optional<BadRow>> find_bad_row(pg::Connection& connection, const FailedBatch& batch, Search how);

}  // namespace segue::backfill
