// Compiles a migration against a live catalog. Changes nothing: everything is read in one read-only transaction.
#pragma once

#include "migration/migration.h"
#include "pg/connection.h"
#include "plan/plan.h"

namespace segue::plan {

// An Error for what cannot be planned at all (a key that is not supported yet, a server that does not answer); hazards
// of this database are findings of the plan.
Result<Plan> compile(const migration::Migration& file, pg::Connection& connection);

// One fingerprint over all files of a migration, to tell whether they have changed since.
std::string fingerprint_of_sources(const migration::Migration& file);

}  // namespace segue::plan
