// What a run needs before its first statement: the pools and variables of the file, asked from the database.
#pragma once

#include <memory>
#include <string>

#include "pg/connection.h"
#include "traffic/file.h"
#include "traffic/generator.h"

namespace segue::traffic {

// An error names the place in the file whose query failed, gave no row, or lacks a column that the file uses.
Result<std::unique_ptr<RunValues>> ask_start_values(const File& file, pg::Connection& connection, int connections);

// Short, and different for each run of the last years: digits and small letters.
std::string fresh_run_name();

}  // namespace segue::traffic
