#include "ledger/tuning.h"

namespace segue::ledger {

Status set_tuning(pg::Connection& connection, std::int64_t run, const std::string& name, const std::string& value) {
  if (value.empty()) {
    return connection.execute("DELETE FROM segue.tuning WHERE run_id = $1 AND name = $2", {run, name});
  }
  return connection.execute(
      "INSERT INTO segue.tuning (run_id, name, value) VALUES ($1, $2, $3) ON CONFLICT (run_id, name) DO UPDATE SET "
      "value = excluded.value, person = session_user, at = clock_timestamp()",
      {run, name, value});
}

Result<std::map<std::string, std::string>> tuning_of(pg::Connection& connection, std::int64_t run) {
  const auto rows = TRY(connection.query("SELECT name, value FROM segue.tuning WHERE run_id = $1", {run}));
  std::map<std::string, std::string> found;
  for (std::size_t row = 0; row < rows.size(); ++row) found[rows.string(row, 0)] = rows.string(row, 1);
  return found;
}

}  // namespace segue::ledger
