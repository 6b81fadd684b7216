// What `segue init` and `segue new NAME` write. Nothing that stands there is ever overwritten.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace segue::migration {

using Paths = std::vector<std::filesystem::path>;

// segue.yaml, migrations/ and the two JSON Schemas that editors complete with. Returns what was written. Refuses if
// segue.yaml is there already.
Result<Paths> write_project(const std::filesystem::path& folder);

// migrations/<next number>_<name>/migration.yaml, with comments that lead a newcomer. The name is [a-z0-9-]+.
Result<Paths> write_migration(const std::filesystem::path& project_folder, std::string_view name);

}  // namespace segue::migration
