// The process that owns the postmaster, and outlives whoever started it.
//
// It is forked from the owner before the server starts and starts the server itself, so there is no moment in which the
// server runs and nobody would stop it. It is in a session of its own, so Ctrl-C in a terminal does not reach it; it
// holds nothing of the owner's but its end of a socket and the locks of the folders. When the owner ends, in whatever
// way, it stops the server, removes the folder and goes. What the postmaster leaves behind when it is killed comes to
// the watchdog too: a stop is over only when no process of the server is left.
//
// If the watchdog itself is killed, `gone` errors say so; the server may then still run (strays.h).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "pg/embedded/cluster.h"
#include "pg/embedded/server_user.h"

namespace segue::pg::embedded {

using StopMode = Cluster::StopMode;

struct WatchdogPlan {
  ServerUser user;
  std::string postgres;  // the program
  std::string data_dir;
  std::string log_file;
  std::string folder;     // for the socket; removed at the end
  bool orderly = false;   // at the end: shut down in order (the data stays), rather than at once
  std::vector<int> hold;  // locks that it shares with the owner
};

class Watchdog {
 public:
  static Result<Watchdog> launch(const WatchdogPlan& plan);
  Watchdog() = default;
  Watchdog(Watchdog&& other) noexcept
      : socket_(std::move(other.socket_)), pid_(std::exchange(other.pid_, 0)), owner_(other.owner_) {}
  Watchdog& operator=(Watchdog&&) noexcept;
  ~Watchdog() { end(); }

  // Starts the server on this port; its process id. First ends what an earlier postmaster left behind.
  Result<int> start(int port);

  struct State {
    bool running = false;
    int exit_status = 0;  // as waitpid gives it, where it does not run
  };
  Result<State> look();

  // Back when every process of the server is gone.
  Status stop(StopMode mode);

  // Stops the server, removes the folder, goes. False if there is no watchdog (any more) that could.
  bool end();

 private:
  struct Answer;
  Result<Answer> ask(char order, int port, int patience_ms);
  Fd socket_;
  int pid_ = 0;
  int owner_ = 0;  // a child that the owner forks has a copy of this, but the server is not its to end
};

}  // namespace segue::pg::embedded
