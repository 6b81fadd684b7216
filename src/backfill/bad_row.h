// Names the row at which a batch fails.
//
// The rows of the batch are tried again in transactions that are rolled back, half of them, a quarter …: the shortest
// beginning of the batch that fails ends with the bad row. It leaves nothing behind but used-up sequence numbers, and
// costs as much as a batch for each halving. A row that somebody mends or locks meanwhile is not named.
#pragma once

#include <optional>
#include <string>

#include "backfill/walk.h"
#include "pg/connection.h"
#include "plan/step.h"

namespace segue::backfill {

struct FailedBatch {
  const plan::BackfillJob& job;
  const Key& key;
  Stretch stretch;
};

struct BadRow {
  Error error;           // with its row in the message: "row (id = 7) of orders: …"
  std::string message;   // the server's own
  std::string position;  // by key, or by place where the table has none
};

// Nothing where no single row is found: it was mended or locked meanwhile, or the batch as a whole is to blame.
Result<std::optional<BadRow>> find_bad_row(pg::Connection& connection, const FailedBatch& batch);

}  // namespace segue::backfill
