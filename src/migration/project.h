// A project: the folder with segue.yaml, and the migrations below it. `lint:` in it is checked here and read by lint.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "migration/limits.h"
#include "migration/migration.h"
#include "migration/value.h"

namespace segue::migration {

struct Environment {
  Text name;
  Text database;
  Setting<bool> production{false, {}};
};

struct Project {
  std::filesystem::path folder;
  Text database;  // as written, ${ENV} not yet put in: it may be a secret
  Setting<bool> production{false, {}};
  std::vector<Environment> environments;
  Json notify;  // as written; the notifier that reads it checks it
  Position notify_at;
  std::vector<Contact> contacts;
};

// A migration's folder, its file not yet read.
struct Listed {
  std::filesystem::path folder;
  int number = 0;           // NNNN
  std::string folder_name;  // 0003_multi_client
  std::string name;         // `migration:` if it can be read, else the folder's name without the number, - for _
};

// The nearest folder upward from `start` that holds segue.yaml.
std::optional<std::filesystem::path> find_project(const std::filesystem::path& start);

// segue.yaml of the folder.
tl::expected<Project, Problems> read_project(const std::filesystem::path& folder);
tl::expected<Project, Problems> read_project_text(std::string_view text, const std::filesystem::path& folder);

// By number, then name; folders that are not <NNNN>_<name> or hold no migration.yaml are left out.
std::vector<Listed> list_migrations(const std::filesystem::path& project_folder);

// By `migration:` key, folder name or unique prefix of either. An empty name means the only migration there is.
Result<Listed> find_migration(const std::filesystem::path& project_folder, std::string_view name);

// `database` (of the environment, if one is named) with every ${NAME} taken from the process's environment. A variable
// that is not set is an error that names it; the value is never part of an error.
Result<std::string> database_url(const Project& project, std::string_view environment = {});

}  // namespace segue::migration
