#include "cli/project.h"

#include <fmt/format.h>

#include <cstdlib>

namespace segue::cli {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> find_folder(const Program& program) {
  if (!program.folder.empty()) return fs::path(program.folder);
  if (const char* named = std::getenv("SEGUE_PROJECT"); named != nullptr && *named != '\0') return fs::path(named);
  return migration::find_project(fs::current_path());
}

}  // namespace

Result<fs::path> project_folder(const Program& program) {
  const auto found = find_folder(program);
  if (!found) {
    return usage_error("there is no segue.yaml here or in a folder above",
                       "go to the project, name it with -C DIR, or make one: segue init");
  }
  if (!fs::is_directory(*found))
    return usage_error("there is no such folder", "name the project's folder", found->string());
  if (!fs::exists(*found / "segue.yaml")) {
    return usage_error("there is no segue.yaml in this folder", "name the project's folder, or make one: segue init",
                       found->string());
  }
  return *found;
}

Result<std::string> database_of(const Program& program) {
  if (!program.database.empty()) return program.database;
  const auto folder = find_folder(program);
  if (!folder || !fs::exists(*folder / "segue.yaml")) return std::string();
  const auto project = migration::read_project(*folder);
  if (!project) return tl::unexpected(migration::to_error(project.error()));
  if (project->database.empty()) return std::string();
  return migration::database_url(*project);
}

Result<migration::Migration> load_migration(const Program& program, const std::string& name) {
  const auto folder = TRY(project_folder(program));
  const auto listed = TRY(migration::find_migration(folder, name));
  auto read = migration::read_migration(listed.folder);
  if (!read) return tl::unexpected(migration::to_error(read.error()));
  return std::move(*read);
}

Result<std::string> migration_name(const Program& program, const std::string& typed) {
  const auto folder = find_folder(program);
  if (!folder || !fs::exists(*folder / "segue.yaml")) return typed;
  const auto listed = migration::find_migration(*folder, typed);
  return listed ? listed->name : typed;
}

Result<bool> is_production(const Program& program, pg::Connection& connection) {
  const auto set = TRY(
      connection.value("SELECT coalesce(current_setting('segue.production', true), '') IN ('on', 'true', '1', 'yes')"));
  if (set == "t") return true;
  const auto folder = find_folder(program);
  if (!folder || !fs::exists(*folder / "segue.yaml")) return false;
  const auto project = migration::read_project(*folder);
  return project && project->production.value;
}

}  // namespace segue::cli
