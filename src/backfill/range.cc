#include "backfill/range.h"

namespace segue::backfill {

const char* const fence =
    "WITH f AS (UPDATE segue.backfill_range SET cursor = $4 WHERE id = $1 AND epoch = $2 AND cursor IS NOT DISTINCT "
    "FROM $3 "
    "RETURNING 1) SELECT 1 / count(*) FROM f";

Result<Range> take_range(pg::Connection& connection, std::int64_t step, std::int64_t epoch, const std::string& hi) {
  // An UPDATE of the same row waits for the commit of a batch that is still under way, so what we read is final.
  auto rows =
      TRY(connection.query("UPDATE segue.backfill_range SET epoch = $2 WHERE step_id = $1 RETURNING id, coalesce(hi, "
                           "''), cursor, rows, state",
                           {step, epoch}));
  if (rows.empty()) {
    rows = TRY(
        connection.query("INSERT INTO segue.backfill_range (step_id, epoch, hi, state) VALUES ($1, $2, nullif($3, ''), "
                         "'running') RETURNING id, coalesce(hi, ''), cursor, rows, state",
                         {step, epoch, hi}));
  }
  Range range;
  range.id = rows.integer(0, 0);
  range.hi = rows.string(0, 1);
  range.cursor = rows.maybe(0, 2);
  range.rows = rows.integer(0, 3);
  range.done = rows.text(0, 4) == "done";
  return range;
}

Status restart(pg::Connection& connection, Range& range, const std::string& hi) {
  TRY(connection.execute(
      "UPDATE segue.backfill_range SET cursor = NULL, state = 'running', hi = nullif($2, '') WHERE id = $1",
      {range.id, hi}));
  range.cursor.reset();
  range.hi = hi;
  range.done = false;
  return {};
}

Status finish(pg::Connection& connection, const Range& range) {
  return connection.execute("UPDATE segue.backfill_range SET state = 'done' WHERE id = $1", {range.id});
}

}  // namespace segue::backfill
