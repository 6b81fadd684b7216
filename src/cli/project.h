// The project that a command works on: its folder, its migrations, its database.
#pragma once

#include <filesystem>

#include "cli/command.h"
#include "migration/project.h"
#include "migration/read.h"

namespace segue::cli {

// -C, else SEGUE_PROJECT, else the nearest folder upward that holds segue.yaml.
Result<std::filesystem::path> project_folder(const Program& program);

// --database, else `database:` of the project, else what the environment says (then empty).
Result<std::string> database_of(const Program& program);

// The migration of this name; all problems of its file as one error.
Result<migration::Migration> load_migration(const Program& program, const std::string& name);

// The `migration:` key for what was typed (folder name, unique prefix); as typed where there is no project at hand.
Result<std::string> migration_name(const Program& program, const std::string& typed);

// Whether the project or the database says that this is production: then --yes is not enough, --confirm NAME is.
Result<bool> is_production(const Program& program, pg::Connection& connection);

}  // namespace segue::cli
