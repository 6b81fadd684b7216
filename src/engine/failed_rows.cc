#include "engine/failed_rows.h"

#include <fmt/format.h>

#include "backfill/quarantine.h"
#include "ledger/event.h"

namespace segue::engine {

Result<std::vector<FailedRow>> failed_rows(pg::Connection& connection, std::int64_t run) {
  const auto rows = TRY(connection.query(
      "SELECT f.table_name, f.key::text, f.sqlstate, f.message, f.state FROM segue.failed_row f JOIN segue.step s ON "
      "s.id = f.step_id WHERE s.run_id = $1 AND f.state <> 'retried' ORDER BY f.id",
      {run}));
  std::vector<FailedRow> list;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    list.push_back(
        {rows.string(row, 0), rows.string(row, 1), rows.string(row, 2), rows.string(row, 3), rows.string(row, 4)});
  }
  return list;
}

Result<Retried> retry_failed(const Options& options, const std::string& migration) {
  auto work = TRY(Work::begin(options, migration));
  TRY(work->use(TRY(ledger::open_run(work->connection, migration))));
  Retried retried;
  for (std::size_t at = 0; at < work->steps.size(); ++at) {
    const auto& step = work->plan.steps[at];
    if (step.up.kind != plan::ActionKind::backfill) continue;
    auto job = step.up.backfill;
    job.pending = TRY(work->resolve(job.pending));
    for (auto& value : job.values) value = TRY(work->resolve(value));
    retried.carried += TRY(backfill::retry(work->connection, job, work->steps[at].id));
  }
  retried.left = TRY(failed_rows(work->connection, work->run.id));
  std::erase_if(retried.left, [](const auto& one) { return one.state != "failed"; });
  TRY(work->log("info", "retry-failed", fmt::format("{} carried, {} left", retried.carried, retried.left.size())));
  return retried;
}

Result<std::int64_t> accept_failed(pg::Connection& connection, const ledger::Run& run, const std::string& table,
                                   const std::string& person, const std::string& note) {
  const auto rows = TRY(connection.query(
      "UPDATE segue.failed_row f SET state = 'accepted' FROM segue.step s WHERE s.id = f.step_id AND s.run_id = $1 AND "
      "f.state = 'failed' AND $2 IN ('', f.table_name)",
      {run.id, table}));
  TRY(ledger::add_event(connection, run.id, "warning", "accept-failed",
                        fmt::format("{} leaves {} rows as they are: {}", person, rows.affected(), note)));
  return rows.affected();
}

}  // namespace segue::engine
