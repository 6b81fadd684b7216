#include "backfill/quarantine.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "backfill/leaves.h"
#include "backfill/position.h"
#include "backfill/statement.h"
#include "pg/quote.h"

namespace segue::backfill {
namespace {

constexpr int most_tries = 100;  // of one row that is locked

// One row; true: it is right now, or gone.
Result<bool> carry(pg::Connection& connection, const plan::BackfillJob& job, const Key& key, std::int64_t id,
                   const std::string& object) {
  for (int tries = 0;; ++tries) {
    const auto answers =
        pg::Pipeline(connection)
            .add("BEGIN")
            .add(plan::update_text(job, plan::these_rows(job, key.matches("$1"), plan::Held::waited_for)), {object})
            .add("SET CONSTRAINTS ALL IMMEDIATE")
            .add("UPDATE segue.failed_row SET state = 'retried' WHERE id = $1 AND state = 'failed'", {id})
            .add("COMMIT")
            .run();
    if (answers) return true;
    if (connection.lost()) return tl::unexpected(answers.error());
    connection.rollback();
    const auto& error = answers.error();
    if (is_about_a_row(error.sqlstate)) {
      TRY(connection.execute("UPDATE segue.failed_row SET sqlstate = $2, message = $3, at = now() WHERE id = $1",
                             {id, error.sqlstate, error.message}));
      return false;
    }
    if (!gives_way(error.sqlstate) || tries == most_tries) return tl::unexpected(error);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // whoever holds the row gets on with it
  }
}

}  // namespace

Status set_aside(pg::Connection& connection, const plan::BackfillJob& job, const Key& key, std::int64_t step,
                 const BadRow& row) {
  pg::Params values{step, plan::display_table(job.table), row.error.sqlstate, row.message};
  for (const auto& value : TRY(read_key(row.position))) values.emplace_back(value);
  return connection.execute(
      fmt::format(
          "WITH row AS (SELECT {1} AS key, to_jsonb(t.*) AS content FROM {0} t WHERE {2} = {3}), gone AS (DELETE "
          "FROM segue.failed_row f USING row WHERE f.step_id = $1 AND f.key = row.key AND f.state = 'failed') "
          "INSERT INTO segue.failed_row (step_id, table_name, key, sqlstate, message, row) SELECT $1, $2, key, $3, "
          "$4, content FROM row",
          job.table, key.object("t"), key.row(), key.parameters(5)),
      values);
}

plan::BackfillJob without_set_aside(plan::BackfillJob job, const Key& key, std::int64_t step) {
  // CASE, because what is pending may be what fails.
  job.pending = fmt::format(
      "CASE WHEN EXISTS (SELECT FROM segue.failed_row f WHERE f.step_id = {} AND f.state <> 'retried' AND f.key = {}) "
      "THEN false ELSE ({}) END",
      step, key.object(job.table), job.pending);
  return job;
}

Result<FailedCount> count_failed(pg::Connection& connection, std::int64_t step) {
  const auto rows = TRY(connection.query(
      "SELECT count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'accepted'), (array_agg("
      "format('%s %s: %s', table_name, key, message) ORDER BY id) FILTER (WHERE state = 'failed'))[1] FROM "
      "segue.failed_row WHERE step_id = $1",
      {step}));
  return FailedCount{rows.integer(0, 0), rows.integer(0, 1), rows.string(0, 2)};
}

namespace {

Result<std::int64_t> retry_one(pg::Connection& connection, const plan::BackfillJob& job, std::int64_t step) {
  const auto key = TRY(find_key(connection, job.table, job.key));
  if (key.none()) return 0;
  const auto rows = TRY(connection.query(
      "SELECT id, key::text FROM segue.failed_row WHERE step_id = $1 AND table_name = $2 AND state = 'failed' ORDER BY "
      "id",
      {step, plan::display_table(job.table)}));
  std::int64_t carried = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (TRY(carry(connection, job, key, rows.integer(row, 0), rows.string(row, 1)))) ++carried;
  }
  return carried;
}

}  // namespace

Result<std::int64_t> retry(pg::Connection& connection, const plan::BackfillJob& job, std::int64_t step) {
  std::int64_t carried = 0;
  for (const auto& leaf : TRY(leaves_of(connection, job.table))) {
    auto one = job;
    one.table = leaf.table;
    carried += TRY(retry_one(connection, one, step));
  }
  return carried;
}

}  // namespace segue::backfill
