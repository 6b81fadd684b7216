// A private PostgreSQL server: made, started, and gone again with its owner.
//
// It listens on a socket in a folder of its own and on a free loopback port, with a random password for the port. It
// runs as an unprivileged user even when its owner is root. A watchdog process stops it and removes its files when the
// owner ends in whatever way, kill -9 included; if the watchdog is killed too, the next start of any cluster by the
// same user cleans up what nobody holds any more. Two at once never share anything.
//
// The first start of a version makes a template (initdb), later ones copy it. Unless it is to be durable, the server
// does not wait for the disk: its data survives kill -9 of every process, but not the machine. Temporary clusters live
// below TMPDIR (or /tmp). It does not install anything, and it replaces no server that runs already.
//
// One thread at a time uses a cluster. A child that the owner forks has a copy of it, and ends nothing.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "pg/embedded/server.h"

namespace segue::pg {

struct ClusterOptions {
  std::string bin_dir;  // see find_server
  // Keep the data here (data/, server.log, password), and start from what is there; one owner at a time. Empty: a
  // temporary folder that goes with the cluster.
  std::string keep_dir;
  int port = 0;  // 0: a free one
  std::string database = "sandbox";
  std::vector<std::pair<std::string, std::string>> settings;  // they win over the defaults of settings.cc
  bool durable = false;  // fsync on: for crash tests of the server and for kept data
};

class Cluster {
 public:
  static Result<Cluster> start(const ClusterOptions& options);
  Cluster(Cluster&&) noexcept;
  Cluster& operator=(Cluster&&) noexcept;
  ~Cluster();  // stops it

  // postgresql://postgres:…@127.0.0.1:port/sandbox: works for any driver, also over the loopback port.
  std::string url() const;
  // The same database through the socket; no password.
  std::string socket_url() const;
  std::string socket_dir() const;
  std::string data_dir() const;
  std::string log_file() const;
  int port() const;
  int postmaster_pid() const;  // 0 where it is stopped
  const ServerPrograms& programs() const;

  // fast: in order, sessions are ended; immediate: at once, the next start recovers; crash: kill -9 of all its
  // processes. Back when none of them is left.
  enum class StopMode { fast, immediate, crash };
  Status stop(StopMode mode = StopMode::fast);
  // On the same port and data, after stop() or after somebody killed the postmaster (what that left behind is ended
  // first). Does nothing where the server runs.
  Status start_again();

 private:
  struct State;
  explicit Cluster(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace segue::pg
