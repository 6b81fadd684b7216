#include "pg/embedded/server.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "pg/embedded/places.h"
#include "pg/embedded/program.h"

namespace segue::pg {
namespace fs = std::filesystem;
namespace {

constexpr int kOldest = 14;
constexpr const char* kInstall =
    "install PostgreSQL 14 or newer (Debian: apt-get install postgresql), or name its bin folder in SEGUE_PG_BIN";

// Version and place of the server in a folder; the error says what is wrong with it.
Result<ServerPrograms> look_into(const std::string& folder) {
  std::error_code ignored;
  std::string postgres = folder + "/postgres";
  if (access(postgres.c_str(), X_OK) != 0) postgres = folder + "/bin/postgres";
  if (access(postgres.c_str(), X_OK) != 0) return failure("no-server", folder + " holds no postgres program", kInstall);
  // Distributions link single programs into PATH; initdb and the libraries are where the link leads.
  const fs::path real = fs::canonical(postgres, ignored);
  if (!real.empty()) postgres = real.string();
  ServerPrograms found;
  found.bin_dir = fs::path(postgres).parent_path().string();
  if (access((found.bin_dir + "/initdb").c_str(), X_OK) != 0) {
    return failure("no-server", found.bin_dir + " holds postgres, but not initdb", kInstall);
  }
  const embedded::Ran said = TRY(embedded::run_program({postgres, "--version"}));
  // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "… 18beta1"
  const std::size_t at = said.output.find("(PostgreSQL) ");
  if (said.exit_code != 0 || at == std::string::npos) {
    return failure("no-server", postgres + " does not tell its version", kInstall);
  }
  const std::string rest = said.output.substr(at + 13);
  found.version_text = rest.substr(0, rest.find_first_of(" \n"));
  found.version = std::atoi(found.version_text.c_str());
  if (found.version < kOldest) {
    return failure("no-server", found.bin_dir + " holds PostgreSQL " + found.version_text + ", which is too old",
                   kInstall);
  }
  return found;
}

std::vector<std::string> path_folders() {
  const char* path = std::getenv("PATH");
  std::vector<std::string> folders;
  for (const std::string& folder : split(path != nullptr ? path : "", ':')) {
    if (folder.starts_with('/') && access((folder + "/postgres").c_str(), X_OK) == 0) folders.push_back(folder);
  }
  return folders;
}

std::string bindir_of_pg_config() {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path != nullptr ? path : "", ':')) {
    const std::string program = folder + "/pg_config";
    if (!folder.starts_with('/') || access(program.c_str(), X_OK) != 0) continue;
    const auto said = embedded::run_program({program, "--bindir"});
    if (said && said->exit_code == 0) return std::string(trim(said->output));
  }
  return {};
}

// Folders of `parent` whose name starts with `prefix`, with `below` appended where it exists.
void add_children(std::vector<std::string>& folders, const std::string& parent, const std::string& prefix,
                  const std::string& below) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, fs::directory_options::skip_permission_denied, ignored)) {
    if (!entry.path().filename().string().starts_with(prefix)) continue;
    const std::string folder = entry.path().string() + below;
    if (access((folder + "/postgres").c_str(), X_OK) == 0) folders.push_back(folder);
  }
}

std::vector<std::string> usual_folders() {
  std::vector<std::string> folders;
  if (std::string bindir = bindir_of_pg_config(); !bindir.empty()) folders.push_back(bindir);
  add_children(folders, "/usr/lib/postgresql", "", "/bin");
  add_children(folders, "/usr/lib/postgresql", "", "");
  add_children(folders, "/usr/libexec", "postgresql", "");
  add_children(folders, "/usr", "pgsql-", "/bin");
  add_children(folders, "/opt/homebrew/opt", "postgresql", "/bin");
  add_children(folders, "/home/linuxbrew/.linuxbrew/opt", "postgresql", "/bin");
  folders.push_back("/usr/local/pgsql/bin");
  for (const std::string& cache : embedded::cache_folders()) add_children(folders, cache + "/servers", "", "/bin");
  return folders;
}

std::vector<ServerPrograms> look_into_all(const std::vector<std::string>& folders) {
  std::vector<ServerPrograms> found;
  for (const std::string& folder : folders) {
    auto server = look_into(folder);
    if (!server) continue;
    const bool known = std::any_of(found.begin(), found.end(),
                                   [&](const ServerPrograms& other) { return other.bin_dir == server->bin_dir; });
    if (!known) found.push_back(*std::move(server));
  }
  return found;
}

// "15.18" against "15.9": by numbers.
bool newer(const ServerPrograms& left, const ServerPrograms& right) {
  const auto minor = [](const ServerPrograms& server) {
    const std::size_t dot = server.version_text.find('.');
    return dot == std::string::npos ? -1 : std::atoi(server.version_text.c_str() + dot + 1);
  };
  return std::pair(left.version, minor(left)) > std::pair(right.version, minor(right));
}

}  // namespace

Result<ServerPrograms> find_server(const std::string& given) {
  if (!given.empty()) return look_into(given);
  if (const char* named = std::getenv("SEGUE_PG_BIN"); named != nullptr && named[0] != '\0') {
    auto found = look_into(named);
    if (!found) found.error().where = "SEGUE_PG_BIN";
    return found;
  }
  for (const std::string& folder : path_folders()) {
    if (auto found = look_into(folder)) return found;
  }
  std::vector<ServerPrograms> rest = look_into_all(usual_folders());
  if (!rest.empty()) return *std::min_element(rest.begin(), rest.end(), newer);

  std::vector<std::string> looked{"SEGUE_PG_BIN",       "PATH",
                                  "pg_config --bindir", "/usr/lib/postgresql/*/bin",
                                  "/usr/pgsql-*/bin",   "/usr/local/pgsql/bin",
                                  "Homebrew's folders"};
  for (const std::string& cache : embedded::cache_folders()) looked.push_back(cache + "/servers/*/bin");
  return failure("no-server",
                 "no PostgreSQL server of version 14 or newer was found (looked in " + join(looked, ", ") + ")",
                 kInstall);
}

std::vector<ServerPrograms> all_servers() {
  std::vector<std::string> folders;
  if (const char* named = std::getenv("SEGUE_PG_BIN"); named != nullptr && named[0] != '\0') folders.push_back(named);
  for (const std::string& folder : path_folders()) folders.push_back(folder);
  for (const std::string& folder : usual_folders()) folders.push_back(folder);
  std::vector<ServerPrograms> found = look_into_all(folders);
  std::stable_sort(found.begin(), found.end(), newer);
  return found;
}

}  // namespace segue::pg
