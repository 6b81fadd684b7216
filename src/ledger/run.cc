#include "ledger/run.h"

#include <fmt/format.h>

#include "ledger/schema.h"

namespace segue::ledger {
namespace {

constexpr const char* columns =
    "id, migration, about, plan_hash, plan::text, sources, state, phase, completed, direction, going_to, waiting_for, "
    "started_by, "
    "host, started_at::text, coalesce(switched_at::text, ''), coalesce(finished_at::text, ''), rows, rehearsed, "
    "catalog_before";

Run read(const pg::Rows& rows, std::size_t row) {
  Run run;
  run.id = rows.integer(row, 0);
  std::size_t at = 1;
  for (auto* text : {&run.migration, &run.about, &run.plan_hash, &run.plan, &run.sources, &run.state, &run.phase,
                     &run.completed, &run.direction, &run.going_to, &run.waiting_for, &run.started_by, &run.host,
                     &run.started_at, &run.switched_at, &run.finished_at}) {
    *text = rows.string(row, at++);
  }
  run.rows = rows.integer(row, at++);
  run.rehearsed = rows.boolean(row, at++);
  run.catalog_before = rows.string(row, at);
  return run;
}

}  // namespace

Result<std::int64_t> add_run(pg::Connection& connection, const NewRun& run) {
  const auto id =
      TRY(connection.query("INSERT INTO segue.migration_history (migration, about, plan_hash, plan, sources, state, "
                           "host, version, rehearsed, "
                           "catalog_before) VALUES ($1, $2, $3, $4, $5, 'running', $6, $7, $8, $9) RETURNING id",
                           {run.migration, run.about, run.plan_hash, run.plan, run.sources, run.host, run.version,
                            run.rehearsed, run.catalog_before}));
  return id.integer(0, 0);
}

Result<std::optional<Run>> newest_run(pg::Connection& connection, const std::string& migration) {
  const auto rows = TRY(connection.query(
      std::string("SELECT ") + columns +
          " FROM segue.migration_history WHERE $1 IN ('', migration) ORDER BY state IN ('rolled_back', 'purged'), id "
          "DESC LIMIT 1",
      {migration}));
  if (rows.empty()) return std::optional<Run>();
  return std::optional<Run>(read(rows, 0));
}

Result<Run> open_run(pg::Connection& connection, const std::string& migration, const std::string& hint) {
  auto run = TRY(exists(connection)) ? TRY(newest_run(connection, migration)) : std::nullopt;
  if (run && run->open()) return std::move(*run);
  return usage_error(migration.empty() ? "no migration is under way on this database"
                                       : fmt::format("'{}' is not under way on this database", migration),
                     hint);
}

Result<std::vector<Run>> all_runs(pg::Connection& connection) {
  const auto rows =
      TRY(connection.query(std::string("SELECT ") + columns + " FROM segue.migration_history ORDER BY id DESC"));
  std::vector<Run> runs;
  for (std::size_t row = 0; row < rows.size(); ++row) runs.push_back(read(rows, row));
  return runs;
}

Status set_state(pg::Connection& connection, std::int64_t run, const std::string& state,
                 const std::string& waiting_for) {
  return connection.execute("UPDATE segue.migration_history SET state = $2, waiting_for = $3 WHERE id = $1",
                            {run, state, waiting_for});
}

Status set_phase(pg::Connection& connection, std::int64_t run, const std::string& phase) {
  return connection.execute(
      "UPDATE segue.migration_history SET phase = $2, state = 'running', waiting_for = '' WHERE id = $1", {run, phase});
}

Status set_completed(pg::Connection& connection, std::int64_t run, const std::string& phase) {
  return connection.execute(
      "UPDATE segue.migration_history SET completed = $2, phase = CASE WHEN $2 = '' THEN 'prepare' ELSE $2 END, "
      "switched_at = CASE WHEN $2 = 'switch' THEN now() WHEN $2 IN ('', 'prepare', 'expand', 'backfill', 'validate', "
      "'enforce') THEN NULL ELSE switched_at END WHERE id = $1",
      {run, phase});
}

Status set_direction(pg::Connection& connection, std::int64_t run, const std::string& direction,
                     const std::string& going_to) {
  return connection.execute("UPDATE segue.migration_history SET direction = $2, going_to = $3 WHERE id = $1",
                            {run, direction, going_to});
}

Status count_up(pg::Connection& connection, std::int64_t run) {
  return connection.execute(
      "UPDATE segue.migration_history h SET rows = (SELECT coalesce(sum(rows), 0) FROM segue.step WHERE run_id = h.id "
      "AND "
      "kind = 'backfill'), steps = (SELECT count(*) FROM segue.step WHERE run_id = h.id AND state = 'done'), kept_rows "
      "= "
      "(SELECT count(*) FROM segue.kept_row WHERE run_id = h.id AND state <> 'restored'), failed_rows = (SELECT "
      "count(*) "
      "FROM segue.failed_row f JOIN segue.step s ON s.id = f.step_id WHERE s.run_id = h.id AND f.state <> 'retried') "
      "WHERE id = $1",
      {run});
}

Status finish(pg::Connection& connection, std::int64_t run, const std::string& state) {
  return connection.execute(
      "UPDATE segue.migration_history SET state = $2, waiting_for = '', finished_at = now() WHERE id = $1",
      {run, state});
}

Status set_up_to(pg::Connection& connection, std::int64_t run, const std::string& phase) {
  return connection.execute("UPDATE segue.migration_history SET up_to = $2 WHERE id = $1", {run, phase});
}

Result<std::string> up_to(pg::Connection& connection, std::int64_t run) {
  const auto rows = TRY(connection.query(
      "SELECT coalesce(to_jsonb(h) ->> 'up_to', '') FROM segue.migration_history h WHERE id = $1", {run}));
  return rows.empty() ? std::string() : rows.string(0, 0);
}

}  // namespace segue::ledger
