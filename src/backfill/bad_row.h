// Names the row at which a batch fails.
//
// The rows of the batch are tried again in transactions that are rolled back, half of them, a quarter …: the shortest
// beginning of the batch that fails ends with the bad row. It leaves nothing behind but used-up sequence numbers, and
// costs as much as a batch for each halving. A row that somebody mends or locks meanwhile is not named.
#pragma once

#include <optional>
#include <string>

#include "backfill/key.h"
#include "pg/connection.h"
#include "plan/step.h"

namespace segue::backfill {

// The batch that failed: what comes after a position (none: from the first row), up to another.
struct FailedBatch {
  const plan::BackfillJob& job;
  const Key& key;
  std::optional<std::string> after;
  std::string stop;
};

struct BadRow {
  Error error;           // with its row in the message: "row (id = 7) of orders: …"
  std::string message;   // the server's own
  std::string position;  // by key, or by place where the table has none
};

// Nothing where no single row is found: it was mended or locked meanwhile, or the batch as a whole is to blame.
Result<std::optional<BadRow>> find_bad_row(pg::Connection& connection, const FailedBatch& batch);

}  // namespace segue::backfill
