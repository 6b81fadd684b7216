#include "ledger/usage.h"

#include "base/json.h"

namespace segue::ledger {
namespace {

Status add_in_transaction(pg::Connection& connection, std::int64_t run, UsageLook& look) {
  const auto made = TRY(connection.query(
      "INSERT INTO segue.usage_look (run_id, readable, reset_at, evicted, message) VALUES ($1, $2, $3, "
      "$4, $5) RETURNING id, at::text, (extract(epoch FROM at) * 1000)::bigint",
      {run, look.readable, look.reset_at, look.evicted, look.message}));
  look.id = made.integer(0, 0);
  look.at = made.string(0, 1);
  look.ms = made.integer(0, 2);
  Json list = Json::array();
  for (const auto& one : look.samples) {
    list.push_back({{"source", one.source},
                    {"query_id", one.query_id},
                    {"role", one.role},
                    {"statement", one.statement},
                    {"old_name", one.old_name},
                    {"calls", one.calls},
                    {"certain", one.certain}});
  }
  return connection.execute(
      "INSERT INTO segue.usage_sample (run_id, look_id, source, query_id, role, statement, old_name, calls, certain) "
      "SELECT $1, $2, source, query_id, role, statement, old_name, calls, certain FROM jsonb_to_recordset($3) AS s "
      "(source text, query_id text, role text, statement text, old_name text, calls bigint, certain boolean)",
      {run, look.id, list.dump()});
}

}  // namespace

Status add_look(pg::Connection& connection, std::int64_t run, UsageLook& look) {
  TRY(connection.begin());
  if (const auto added = add_in_transaction(connection, run, look); !added) {
    connection.rollback();
    return added;
  }
  const auto commit = connection.commit();
  if (commit.outcome != pg::CommitOutcome::committed) return tl::unexpected(commit.error);
  return {};
}

Result<std::vector<UsageLook>> looks_of(pg::Connection& connection, std::int64_t run) {
  const auto rows = TRY(connection.query(
      "SELECT id, at::text, (extract(epoch FROM at) * 1000)::bigint, readable, reset_at, evicted, message FROM "
      "segue.usage_look WHERE run_id = $1 ORDER BY id",
      {run}));
  std::vector<UsageLook> looks;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    UsageLook look;
    look.id = rows.integer(row, 0);
    look.at = rows.string(row, 1);
    look.ms = rows.integer(row, 2);
    look.readable = rows.boolean(row, 3);
    look.reset_at = rows.string(row, 4);
    look.evicted = rows.integer(row, 5);
    look.message = rows.string(row, 6);
    looks.push_back(std::move(look));
  }
  const auto samples =
      TRY(connection.query("SELECT look_id, source, query_id, role, statement, old_name, calls, certain FROM "
                           "segue.usage_sample WHERE run_id = $1 AND look_id IS NOT NULL ORDER BY look_id, id",
                           {run}));
  auto look = looks.begin();
  for (std::size_t row = 0; row < samples.size(); ++row) {
    while (look != looks.end() && look->id < samples.integer(row, 0)) ++look;
    if (look == looks.end()) break;
    look->samples.push_back({samples.string(row, 1), samples.string(row, 2), samples.string(row, 3),
                             samples.string(row, 4), samples.string(row, 5), samples.integer(row, 6),
                             samples.boolean(row, 7)});
  }
  return looks;
}

}  // namespace segue::ledger
