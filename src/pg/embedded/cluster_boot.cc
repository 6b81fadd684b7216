// Starting and stopping the server of a cluster.
#include <chrono>
#include <fstream>
#include <thread>

#include "base/text.h"
#include "pg/connection.h"
#include "pg/embedded/cluster_state.h"
#include "pg/embedded/log_tail.h"
#include "pg/embedded/places.h"
#include "pg/embedded/strays.h"

namespace segue::pg {
using namespace embedded;
namespace {

constexpr int kPortAttempts = 5;
constexpr auto kPatience = std::chrono::minutes(5);  // recovery after a crash of kept data can take its time
constexpr auto kBetweenLooks = std::chrono::milliseconds(3);

// What the postmaster writes about itself: its process id, and in the eighth line how far it is.
bool says_ready(const std::string& data_dir, int postmaster, const ServerUser& user) {
  const FilesAs as(user);
  std::ifstream file(data_dir + "/postmaster.pid");
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (number == 1 && line != std::to_string(postmaster)) return false;
    if (number == 8) return trim(line) == "ready";
  }
  return false;
}

}  // namespace

Status Cluster::State::boot() {
  for (int attempt = 1;; ++attempt) {
    Status status = boot_once();
    if (status || status.error().code != "port-taken" || options.port != 0 || attempt == kPortAttempts) return status;
    port = TRY(any_port());
  }
}

Status Cluster::State::boot_once() {
  const std::int64_t log_start = size_of_file(log_file);
  postmaster = TRY(watchdog.start(port.number));
  return wait_until_ready(log_start);
}

Status Cluster::State::wait_until_ready(std::int64_t log_start) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!says_ready(data_dir, postmaster, user)) {
    const Watchdog::State state = TRY(watchdog.look());
    if (!state.running) {
      postmaster = 0;
      return tl::unexpected(failed_start(log_start));
    }
    if (std::chrono::steady_clock::now() > end) {
      TRY(stop(StopMode::immediate));
      return tl::unexpected(failed_start(log_start));
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return {};
}

Error Cluster::State::failed_start(std::int64_t log_start) const {
  const FilesAs as(user);
  const std::string said = last_lines(log_file, log_start, 12);
  if (speaks_of_full_disk(said) || disk_is_full(data_dir)) return no_room(data_dir);
  if (said.find("could not bind IPv4") != std::string::npos &&
      said.find("Address already in use") != std::string::npos) {
    return port_taken(port.number);
  }
  return Error{"no-start", "PostgreSQL " + programs.version_text + " did not start; its log ends with:\n" + said,
               "",         "the settings that were given, or the data, may not suit this version",
               "",         Exit::failed};
}

Status Cluster::State::stop(StopMode mode) {
  postmaster = 0;
  Status status = watchdog.stop(mode);
  if (status || status.error().code != "watchdog-gone") return status;
  if (stop_servers_in(data_dir, user, mode == StopMode::fast)) return {};
  return failure("no-stop", "the server in " + data_dir + " does not stop");
}

bool Cluster::State::answers() const {
  return Connection::open({.url = socket_url("postgres"), .settings = {}, .timeout_seconds = 2}).has_value();
}

Status Cluster::State::start_again() {
  auto state = watchdog.look();
  // A postmaster that somebody has just killed may count as running for a moment longer.
  while (state && state->running) {
    if (answers()) return {};
    std::this_thread::sleep_for(kBetweenLooks);
    state = watchdog.look();
  }
  if (!state) {
    stop_servers_in(data_dir, user, false);
    TRY(launch_watchdog());
  }
  return boot_once();
}

}  // namespace segue::pg
