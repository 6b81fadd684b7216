// The examples: whole legacy systems, each with data of any size, its migration and its applications' traffic, all
// inside the program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::examples {

struct Example {
  std::string name;
  std::string about;
  std::string migration;          // its name, for `segue run`
  std::vector<std::string> load;  // SQL files, in their order
  std::string scale_setting;      // a setting that the generator reads
  std::int64_t scale = 0;         // unless another is asked for
  std::string migration_folder;   // below examples/, what becomes migrations/0001_…
  std::string old_traffic;        // below examples/
  std::string new_traffic;
  bool both_at_once = false;  // old and new application can run together
};

const std::vector<Example>& all_examples();

// By name; the error lists them.
Result<Example> find_example(const std::string& name);

// Puts schema and data into an empty database.
Status load(pg::Connection& connection, const Example& example, std::int64_t scale);

// segue.yaml, migrations/ and traffic/ as a project of the user's; what stands there is overwritten.
Status write_project(const Example& example, const std::filesystem::path& folder);

}  // namespace segue::examples
