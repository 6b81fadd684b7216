// What somebody has set while a migration runs; it stands above the limits of its file until the run ends.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "pg/connection.h"

namespace segue::ledger {

// An empty value takes it back.
Status set_tuning(pg::Connection& connection, std::int64_t run, const std::string& name, const std::string& value);

// By name.
Result<std::map<std::string, std::string>> tuning_of(pg::Connection& connection, std::int64_t run);

}  // namespace segue::ledger
