#include "backup/find_tools.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>

#include "base/text.h"
#include "pg/embedded/places.h"
#include "pg/embedded/program.h"

namespace segue::backup {
namespace fs = std::filesystem;
namespace {

bool holds_tools(const std::string& folder) {
  return access((folder + "/pg_dump").c_str(), X_OK) == 0 && access((folder + "/pg_restore").c_str(), X_OK) == 0;
}

// "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
std::optional<std::string> version_of(const std::string& program) {
  const auto said = pg::embedded::run_program({program, "--version"});
  if (!said || said->exit_code != 0) return std::nullopt;
  const auto at = said->output.find("(PostgreSQL) ");
  if (at == std::string::npos) return std::nullopt;
  const std::string rest = said->output.substr(at + 13);
  return rest.substr(0, rest.find_first_of(" \n"));
}

// Links are followed: distributions link single programs into PATH. Debian's pg_dump there leads to a wrapper that
// chooses a version at each call; what it chooses from lies in folders that are looked into anyway.
std::optional<Tools> look_into(std::string folder) {
  if (!holds_tools(folder)) folder += "/bin";
  if (!holds_tools(folder)) return std::nullopt;
  std::error_code ignored;
  const fs::path real = fs::canonical(folder + "/pg_dump", ignored);
  if (real.filename() != "pg_dump" || !holds_tools(real.parent_path())) return std::nullopt;
  folder = real.parent_path();
  const auto version = version_of(folder + "/pg_dump"), other = version_of(folder + "/pg_restore");
  if (!version || version != other) return std::nullopt;
  return Tools{folder, std::atoi(version->c_str()), *version};
}

void add_children(std::vector<std::string>& folders, const std::string& parent, const std::string& prefix) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, fs::directory_options::skip_permission_denied, ignored)) {
    if (entry.path().filename().string().starts_with(prefix)) folders.push_back(entry.path().string());
  }
}

std::vector<std::string> folders_to_look_into() {
  std::vector<std::string> folders;
  if (const char* named = std::getenv("SEGUE_PG_BIN"); named != nullptr && named[0] != '\0')
    folders.emplace_back(named);
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path != nullptr ? path : "", ':')) {
    if (folder.starts_with('/')) folders.push_back(folder);
  }
  add_children(folders, "/usr/lib/postgresql", "");
  add_children(folders, "/usr/libexec", "postgresql");
  add_children(folders, "/usr", "pgsql-");
  add_children(folders, "/opt/homebrew/opt", "postgresql");
  add_children(folders, "/home/linuxbrew/.linuxbrew/opt", "postgresql");
  folders.emplace_back("/usr/local/pgsql");
  for (const std::string& cache : pg::embedded::cache_folders()) add_children(folders, cache + "/servers", "");
  return folders;
}

tl::unexpected<Error> none(int server_major, const std::vector<Tools>& found, const std::string& looked) {
  std::vector<std::string> there;
  for (const auto& one : found) there.push_back(fmt::format("{} in {}", one.version_text, one.bin_dir));
  return refused(
      "no-pg-dump",
      fmt::format("the server is PostgreSQL {}, and no pg_dump is there that can read it: found {}; looked in {}",
                  server_major, there.empty() ? "none" : join(there, ", "), looked),
      fmt::format("install postgresql-client-{} (or newer), name its bin folder in SEGUE_PG_BIN, or go without: "
                  "--no-backup",
                  server_major));
}

}  // namespace

std::vector<Tools> all_tools() {
  std::vector<Tools> found;
  std::set<std::string> seen;
  for (const std::string& folder : folders_to_look_into()) {
    if (!seen.insert(folder).second) continue;
    auto tools = look_into(folder);
    const bool known = tools && std::any_of(found.begin(), found.end(),
                                            [&](const Tools& other) { return other.bin_dir == tools->bin_dir; });
    if (tools && !known) found.push_back(*std::move(tools));
  }
  std::stable_sort(found.begin(), found.end(), [](const Tools& a, const Tools& b) { return a.version < b.version; });
  return found;
}

Result<Tools> find_tools(int server_major, const std::string& given) {
  if (!given.empty()) {
    const auto tools = look_into(given);
    if (!tools) return none(server_major, {}, given);
    if (tools->version < server_major) return none(server_major, {*tools}, given);
    return *tools;
  }
  if (const char* named = std::getenv("SEGUE_PG_BIN"); named != nullptr && named[0] != '\0') {
    const auto tools = look_into(named);
    if (tools && tools->version >= server_major) return *tools;
  }
  const auto found = all_tools();
  for (const auto& one : found) {
    if (one.version >= server_major) return one;
  }
  return none(
      server_major, found,
      "SEGUE_PG_BIN, PATH, /usr/lib/postgresql/*/bin, /usr/pgsql-*/bin, /usr/local/pgsql/bin, Homebrew's folders");
}

}  // namespace segue::backup
