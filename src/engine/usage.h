// How often the old shape is still used: by the statements that the server has recorded and by what the sync triggers
// have counted. Each look goes into the ledger; what lies between two looks tells when it was used last.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/usage.h"
#include "pg/connection.h"
#include "plan/plan.h"

namespace segue::engine {

Result<ledger::UsageLook> look_at_usage(pg::Connection& connection, std::int64_t run, const plan::Plan& plan);

struct Quiet {
  std::int64_t seconds = 0;  // proved: not used for so long, up to the last look
  std::string reason;        // why it is not longer: what was called, or what could not be seen
};

// Looks are oldest first. Between two of them nothing is proved where a counter went back, statements were thrown away
// or could not be read; what was called counts as called at the later one.
Quiet quiet_until_now(const std::vector<ledger::UsageLook>& looks);

}  // namespace segue::engine
