#include "ledger/event.h"

namespace segue::ledger {

Status add_event(pg::Connection& connection, std::int64_t run, const std::string& level, const std::string& code,
                 const std::string& message) {
  return connection.execute(
      "INSERT INTO segue.event (run_id, level, code, message) VALUES (nullif($1::bigint, 0), $2, $3, $4)",
      {run, level, code, message});
}

Result<std::vector<EventRow>> events_of(pg::Connection& connection, std::int64_t run) {
  const auto rows = TRY(
      connection.query("SELECT at::text, level, code, message FROM segue.event WHERE run_id = $1 ORDER BY id", {run}));
  std::vector<EventRow> events;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    events.push_back({rows.string(row, 0), rows.string(row, 1), rows.string(row, 2), rows.string(row, 3)});
  }
  return events;
}

Status add_approval(pg::Connection& connection, const Approval& approval) {
  return connection.execute(
      "INSERT INTO segue.approval (run_id, migration, gate, role, person, kind, note, plan_hash) VALUES "
      "(nullif($1::bigint, "
      "0), $2, $3, $4, $5, $6, $7, $8)",
      {approval.run, approval.migration, approval.gate, approval.role, approval.person, approval.kind, approval.note,
       approval.plan_hash});
}

Result<std::vector<Approval>> approvals_of(pg::Connection& connection, std::int64_t run) {
  const auto rows =
      TRY(connection.query("SELECT migration, gate, role, person, kind, note, plan_hash FROM segue.approval WHERE "
                           "run_id = $1 AND NOT void ORDER "
                           "BY id",
                           {run}));
  std::vector<Approval> approvals;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    approvals.push_back({run, rows.string(row, 0), rows.string(row, 1), rows.string(row, 2), rows.string(row, 3),
                         rows.string(row, 4), rows.string(row, 5), rows.string(row, 6)});
  }
  return approvals;
}

Status void_approvals(pg::Connection& connection, std::int64_t run, const std::vector<std::string>& gates) {
  return connection.execute("UPDATE segue.approval SET void = true WHERE run_id = $1 AND gate = ANY($2::text[])",
                            {run, gates});
}

}  // namespace segue::ledger
