#include "pg/embedded/cluster_state.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "pg/connection.h"
#include "pg/embedded/places.h"
#include "pg/embedded/settings.h"
#include "pg/embedded/template.h"
#include "pg/quote.h"

namespace segue::pg {
namespace fs = std::filesystem;
using namespace embedded;
namespace {

Result<std::string> random_password() {
  std::uint64_t random[3];
  if (getrandom(random, sizeof random, 0) != sizeof random)
    return failure("no-random", "the system gives no random bytes");
  return hex(random[0]) + hex(random[1]) + hex(random[2]);
}

// For a part of a URL.
std::string encoded(const std::string& text) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string result;
  for (const unsigned char sign : text) {
    if (std::isalnum(sign) != 0 || std::string_view("-._~/").find(static_cast<char>(sign)) != std::string_view::npos) {
      result += static_cast<char>(sign);
    } else {
      result += '%';
      result += kDigits[sign >> 4];
      result += kDigits[sign & 15];
    }
  }
  return result;
}

void flush_to_disk(const std::string& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.open()) syncfs(fd.get());
}

}  // namespace

Cluster::State::~State() {
  if (folder.path.empty() || owner != getpid()) return;
  if (!watchdog.end()) clear_folder(folder.path, user);
  if (!kept || furnished || !kept->fresh) return;
  // A first start that failed leaves nothing that a second one would trip over.
  remove_folder(data_dir, user);
  remove_folder(log_file, user);
  remove_folder(kept->path + "/password", user);
  if (kept->made) rmdir(kept->path.c_str());
}

Status Cluster::State::prepare(const ClusterOptions& asked) {
  owner = getpid();
  options = asked;
  programs = TRY(find_server(options.bin_dir));
  user = TRY(server_user());
  const std::string settings = TRY(server_settings(programs, options.durable, options.settings));
  port = TRY(options.port != 0 ? this_port(options.port) : any_port());

  folder = TRY(make_folder(user));
  std::string home = folder.path;
  data_dir = home + "/data";
  if (!options.keep_dir.empty()) {
    kept = TRY(take_kept_folder(options.keep_dir, user));
    home = kept->path;
    data_dir = home + "/data";
    if (!kept->fresh) TRY(check_version());
    TRY(note_data_dir(folder, data_dir, user));
  }
  log_file = home + "/server.log";
  TRY(launch_watchdog());
  TRY(choose_password());
  if (!kept || kept->fresh) TRY(make_data());
  return write_file(data_dir + "/" + kSettingsFile, settings);
}

Status Cluster::State::check_version() const {
  const FilesAs as(user);
  std::ifstream file(data_dir + "/PG_VERSION");
  std::string version;
  std::getline(file, version);
  if (version == std::to_string(programs.version)) return {};
  return usage_error(
      "the data in " + kept->path + " is of PostgreSQL " + version + ", the server is " + programs.version_text,
      "name the bin folder of a PostgreSQL " + version + ", or keep the data in another folder");
}

Status Cluster::State::launch_watchdog() {
  WatchdogPlan plan;
  plan.user = user;
  plan.postgres = programs.bin_dir + "/postgres";
  plan.data_dir = data_dir;
  plan.log_file = log_file;
  plan.folder = folder.path;
  plan.orderly = kept.has_value();
  plan.hold = {folder.lock.get()};
  if (kept) plan.hold.push_back(kept->lock.get());
  watchdog = TRY(Watchdog::launch(plan));
  return {};
}

Status Cluster::State::make_data() {
  TRY(make_cluster(programs, user, data_dir));
  if (options.durable) flush_to_disk(data_dir);
  return {};
}

// Kept data keeps its password: a URL that somebody has written down goes on working.
Status Cluster::State::choose_password() {
  const std::string file = kept ? kept->path + "/password" : "";
  if (kept) {
    const FilesAs as(user);
    std::ifstream stream(file);
    if (std::getline(stream, password) && password.size() >= 32) return {};
  }
  password = TRY(random_password());
  if (!kept) return {};
  return write_file(file, password + "\n");
}

Status Cluster::State::write_file(const std::string& path, const std::string& text) const {
  const FilesAs as(user);
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (fd.open() && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())) return {};
  if (disk_is_full(fs::path(path).parent_path().string())) return tl::unexpected(no_room(path));
  return failure("no-file", path + " cannot be written");
}

Status Cluster::State::furnish() {
  auto status = set_up_inside();
  // disk_full of the server, and what it says when it goes down with it.
  if (!status && (status.error().sqlstate == "53100" || disk_is_full(data_dir)))
    return tl::unexpected(no_room(data_dir));
  furnished = status.has_value();
  return status;
}

Status Cluster::State::set_up_inside() {
  ConnectOptions connect;
  connect.url = socket_url("postgres");
  connect.application_name = "segue sandbox";
  // The password must not come to stand in the server's log or its statistics.
  connect.settings = {{"log_statement", "none"},
                      {"log_min_duration_statement", "-1"},
                      {"log_min_error_statement", "panic"},
                      {"pg_stat_statements.track", "none"}};
  Connection connection = TRY(Connection::open(connect));
  TRY(connection.execute("ALTER ROLE postgres PASSWORD " + quote_literal(password)));
  const Rows there = TRY(connection.query("SELECT FROM pg_database WHERE datname = $1", {options.database}));
  if (there.empty()) TRY(connection.execute("CREATE DATABASE " + quote_name(options.database)));
  return {};
}

std::string Cluster::State::url() const {
  return "postgresql://postgres:" + password + "@127.0.0.1:" + std::to_string(port.number) + "/" +
         encoded(options.database);
}

std::string Cluster::State::socket_url(const std::string& database) const {
  return "postgresql:///" + encoded(database) + "?host=" + encoded(folder.path) +
         "&port=" + std::to_string(port.number) + "&user=postgres";
}

}  // namespace segue::pg
