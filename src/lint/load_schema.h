// The schema as a database has it, for answers that only it can give.
#pragma once

#include "base/error.h"
#include "lint/schema.h"
#include "pg/connection.h"

namespace segue::lint {

// Everything outside the system schemas, read in one transaction that changes nothing.
Result<Schema> load_schema(pg::Connection& connection);

}  // namespace segue::lint
