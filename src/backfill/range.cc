#include "backfill/range.h"

#include <algorithm>

namespace segue::backfill {
namespace {

constexpr const char* columns = " id, lo, coalesce(hi, ''), cursor, rows, state ";

Range read(const pg::Rows& rows, std::size_t row) {
  Range range;
  range.id = rows.integer(row, 0);
  range.span = {rows.maybe(row, 1), rows.string(row, 2)};
  range.cursor = rows.maybe(row, 3);
  range.rows = rows.integer(row, 4);
  range.state = rows.string(row, 5);
  return range;
}

std::vector<Range> read_all(const pg::Rows& rows) {
  std::vector<Range> ranges;
  for (std::size_t row = 0; row < rows.size(); ++row) ranges.push_back(read(rows, row));
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return ranges;
}

}  // namespace

const char* const fence =
    "WITH f AS (UPDATE segue.backfill_range SET cursor = $4 WHERE id = $1 AND epoch = $2 AND cursor IS NOT DISTINCT "
    "FROM $3 "
    "RETURNING 1) SELECT 1 / count(*) FROM f";

Result<std::vector<Range>> take_ranges(pg::Connection& connection, const Ours& ours) {
  return read_all(TRY(connection.query(
      std::string("UPDATE segue.backfill_range SET epoch = $2 WHERE step_id = $1 AND table_name = $3 RETURNING") +
          columns,
      {ours.step, ours.epoch, ours.table})));
}

Result<std::vector<Range>> make_ranges(pg::Connection& connection, const Ours& ours, const std::vector<Span>& spans,
                                       const std::string& state) {
  std::vector<std::string> lows, highs;
  for (const auto& span : spans) {
    lows.push_back(span.lo.value_or(""));
    highs.push_back(span.hi);
  }
  return read_all(TRY(connection.query(
      std::string("INSERT INTO segue.backfill_range (step_id, epoch, lo, hi, state, table_name) SELECT $1, $2, "
                  "nullif(lo, ''), hi, "
                  "$5, $6 FROM unnest($3::text[], $4::text[]) WITH ORDINALITY x(lo, hi, n) ORDER BY n RETURNING") +
          columns,
      {ours.step, ours.epoch, lows, highs, state, ours.table})));
}

Result<std::optional<Range>> look_again(pg::Connection& connection, std::int64_t range, std::int64_t epoch) {
  const auto rows = TRY(connection.query(
      std::string("SELECT") + columns + "FROM segue.backfill_range WHERE id = $1 AND epoch = $2", {range, epoch}));
  return rows.empty() ? std::optional<Range>() : std::optional(read(rows, 0));
}

Result<std::vector<Range>> begin_comparison(pg::Connection& connection, const Ours& ours, bool those_too) {
  return read_all(TRY(connection.query(
      std::string(
          "UPDATE segue.backfill_range SET state = 'comparing', cursor = NULL WHERE step_id = $1 AND epoch = $2 "
          "AND table_name = $3 AND (state IN ('done', 'comparing') OR ($4 AND state = 'right')) RETURNING") +
          columns,
      {ours.step, ours.epoch, ours.table, those_too})));
}

Result<bool> keep_what_was_done(pg::Connection& connection, std::int64_t step, std::int64_t epoch) {
  // Waits for a batch that is still under way, and sees its cursor then.
  const auto answers = pg::Pipeline(connection)
                           .add("BEGIN")
                           .add(
                               "UPDATE segue.backfill_range SET epoch = $2, hi = cursor, cursor = NULL, rows = 0, "
                               "state = 'pending' WHERE step_id = $1",
                               {step, epoch})
                           .add("DELETE FROM segue.backfill_range WHERE step_id = $1 AND hi IS NULL", {step})
                           .add("SELECT EXISTS (SELECT FROM segue.backfill_range WHERE step_id = $1)", {step})
                           .add("COMMIT")
                           .run();
  if (!answers) return tl::unexpected(answers.error());
  return (*answers)[3].boolean(0, 0);
}

Status notice_rewrite(pg::Connection& connection, const Ours& ours) {
  return connection.execute(R"sql(
WITH now AS (SELECT run_id, 'file of step ' || id || ' ' || $2 AS name, pg_relation_filenode($2)::text AS file
             FROM segue.step WHERE id = $1),
     was AS (SELECT b.value FROM segue.baseline b JOIN now USING (run_id, name)),
     noted AS (INSERT INTO segue.baseline (run_id, name, value) SELECT run_id, name, file FROM now
               ON CONFLICT (run_id, name) DO UPDATE SET value = excluded.value)
UPDATE segue.backfill_range SET state = 'done' FROM now, was
WHERE step_id = $1 AND epoch = $3 AND table_name = $2 AND state IN ('comparing', 'right') AND was.value <> now.file)sql",
                            {ours.step, ours.table, ours.epoch});
}

Status set_state(pg::Connection& connection, const Range& range, std::int64_t epoch) {
  return connection.execute("UPDATE segue.backfill_range SET state = $3, cursor = $4 WHERE id = $1 AND epoch = $2",
                            {range.id, epoch, range.state, range.cursor});
}

}  // namespace segue::backfill
