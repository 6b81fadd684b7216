// The plan of a migration for this database as it is run here: what the moves compile to, and what the statements that
// the server has recorded add to it. Those that take a table's columns as they come fail, when prepared, as soon as a
// column comes: they are named as at risk, and a gate asks for new connections before the rows are carried.
#pragma once

#include "migration/migration.h"
#include "pg/connection.h"
#include "plan/plan.h"

namespace segue::engine {

Result<plan::Plan> plan_for(const migration::Migration& file, pg::Connection& connection);

}  // namespace segue::engine
