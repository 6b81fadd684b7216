#include "pg/embedded/settings.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace segue::pg::embedded {
namespace fs = std::filesystem;
namespace {

bool is_setting_name(const std::string& name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char sign) { return std::isalnum(sign) != 0 || sign == '_' || sign == '.'; });
}

// In a configuration file a quote is doubled, and a backslash speaks.
std::string quoted(const std::string& value) {
  std::string text = "'";
  for (const char sign : value) {
    if (sign == '\n') {
      text += "\\n";
      continue;
    }
    if (sign == '\'' || sign == '\\') text += sign;
    text += sign;
  }
  return text + "'";
}

// Debian: bin and lib are neighbours; others put modules into lib/postgresql.
bool has_module(const ServerPrograms& programs, const std::string& name) {
  const fs::path home = fs::path(programs.bin_dir).parent_path();
  std::error_code ignored;
  for (const char* folder : {"lib", "lib/postgresql", "lib64", "lib64/pgsql", "lib/pgsql"}) {
    if (fs::exists(home / folder / (name + ".so"), ignored)) return true;
  }
  return false;
}

}  // namespace

Result<std::string> server_settings(const ServerPrograms& programs, bool durable, const Settings& own) {
  Settings settings{
      {"max_connections", "100"},
      {"shared_buffers", "128MB"},
      {"wal_level", "replica"},
      {"max_prepared_transactions", "10"},
      {"max_wal_size", "1GB"},
      // In the data folder: it goes with it even after kill -9, and a container's 64 MB of /dev/shm are no limit.
      {"dynamic_shared_memory_type", "mmap"},
      {"timezone", "UTC"},
      {"log_timezone", "UTC"},
      {"log_min_messages", "warning"},
      {"log_line_prefix", "%m [%p] "},
      {"log_destination", "stderr"},
      {"logging_collector", "off"},
  };
  if (!durable) {
    settings.insert(settings.end(), {{"fsync", "off"}, {"synchronous_commit", "off"}, {"full_page_writes", "off"}});
  }
  if (has_module(programs, "pg_stat_statements"))
    settings.emplace_back("shared_preload_libraries", "pg_stat_statements");

  std::string text = "# Written anew at every start.\n";
  settings.insert(settings.end(), own.begin(), own.end());
  for (const auto& [name, value] : settings) {
    if (!is_setting_name(name)) return usage_error("\"" + name + "\" is not the name of a server setting");
    text += name + " = " + quoted(value) + "\n";
  }
  return text;
}

}  // namespace segue::pg::embedded
