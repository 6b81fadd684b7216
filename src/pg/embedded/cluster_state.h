// What a cluster consists of, and the steps of its life; cluster.h is the face of it.
#pragma once

#include <optional>
#include <string>

#include "pg/embedded/cluster.h"
#include "pg/embedded/folder.h"
#include "pg/embedded/port.h"
#include "pg/embedded/server_user.h"
#include "pg/embedded/watchdog.h"

namespace segue::pg {

struct Cluster::State {
  ClusterOptions options;
  ServerPrograms programs;
  embedded::ServerUser user;
  embedded::Port port;
  embedded::Folder folder;
  std::optional<embedded::KeptFolder> kept;
  embedded::Watchdog watchdog;
  std::string data_dir;
  std::string log_file;
  std::string password;
  int postmaster = 0;
  int owner = 0;           // the process; what it forks has a copy of this, but ends nothing
  bool furnished = false;  // it answered once: from now on kept data is worth keeping

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  // Everything up to the first start of the server: programs, folders, watchdog, data, settings.
  Status prepare(const ClusterOptions& options);
  // Starts the server and waits until it takes connections; with another port if the free one was snatched away.
  Status boot();
  // The password and the database.
  Status furnish();

  Status stop(StopMode mode);
  Status start_again();

  std::string url() const;
  std::string socket_url(const std::string& database) const;

 private:
  Status set_up_inside();
  bool answers() const;
  Status launch_watchdog();
  Status check_version() const;
  Status make_data();
  Status choose_password();
  Status write_file(const std::string& path, const std::string& text) const;
  Status boot_once();
  Status wait_until_ready(std::int64_t log_start);
  Error failed_start(std::int64_t log_start) const;
};

}  // namespace segue::pg
