// The files of a migration as they were when its run began, and what differs from them now: a run follows its plan, and
// a file that says something else would be believed wrongly.
#pragma once

#include <string>

#include "base/error.h"
#include "migration/migration.h"
#include "pg/connection.h"

namespace segue::engine {

// Kept with the run, by name.
Status keep_files(pg::Connection& connection, std::int64_t run, const migration::Migration& file);

// "migration.yaml:7 was `batch: 100` and is `batch: 200`": the first line that differs, and how many more do. Empty
// where the files were not kept.
Result<std::string> what_changed(pg::Connection& connection, std::int64_t run, const migration::Migration& file);

}  // namespace segue::engine
