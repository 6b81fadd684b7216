// Rows that a backfill cannot carry: set aside in segue.failed_row, so that the rest goes on; tried again when somebody
// has mended them. Only tables with a key: elsewhere a row could not be found again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backfill/bad_row.h"

namespace segue::backfill {

// With this key, and the row as it is now. Once: a row that is there already gets the newer message.
Status set_aside(pg::Connection& connection, const plan::BackfillJob& job, const Key& key, std::int64_t step,
                 const BadRow& row);

// The job for all rows but those that are set aside: their values are not even looked at.
plan::BackfillJob without_set_aside(plan::BackfillJob job, const Key& key, std::int64_t step);

struct FailedCount {
  std::int64_t failed = 0;    // neither carried since nor accepted
  std::int64_t accepted = 0;  // left as they are, on somebody's word
  std::string first;          // the message of one of them
  std::int64_t all() const { return failed + accepted; }
};
Result<FailedCount> count_failed(pg::Connection& connection, std::int64_t step);

// Each by itself; how many went well now. What does not keeps its newer message.
Result<std::int64_t> retry(pg::Connection& connection, const plan::BackfillJob& job, std::int64_t step);

}  // namespace segue::backfill
