// Whether an expression gives the same answer for the same row each time it is asked.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "pg/connection.h"

namespace segue::plan {

// What in it does not: a volatile function (random, gen_random_uuid), the clock (now, CURRENT_DATE), who asks
// (CURRENT_USER). Nothing where all is steady. A function counts as volatile if any function of its name is.
Result<std::optional<std::string>> unsteady_part(pg::Connection& connection, const std::string& expression);

}  // namespace segue::plan
