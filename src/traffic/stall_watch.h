// Watches who keeps the traffic's connections waiting for a lock, from a connection of its own, about every 10 ms.
//
// A wait counts as segue's from the moment a session called `segue…` (but not `segue traffic…`) holds what is waited
// for, or is queued ahead, directly or down a chain of waiting sessions. A wait shorter than the time between two looks
// may be missed; how long one lasted is known to within that time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pg/connection.h"
#include "traffic/report.h"

namespace segue::traffic {

// A backend of ours that is to be watched, and what it is doing.
struct Watched {
  int pid = 0;
  std::string statement;
};

class StallWatch {
 public:
  // `watched` is called at each look, from the watch's own thread.
  StallWatch(pg::ConnectOptions options, std::function<std::vector<Watched>()> watched);
  ~StallWatch();
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

  // Waits until the first look was taken; an error if the database does not let it look.
  Status start();
  void stop();

  std::vector<Stall> stalls() const;
  double longest_ms(const std::string& blocked_by) const;

  static constexpr std::chrono::milliseconds interval{10};

 private:
  using Clock = std::chrono::steady_clock;
  // One wait of one backend, by one class of blocker.
  struct Wait {
    Clock::time_point since;  // when this class began to block
    Clock::time_point seen;   // when it was last seen to
    std::string statement, blocker, blocker_query;
  };

  Status look(pg::Connection& connection);
  void close(const std::string& blocked_by, const Wait& wait, Clock::time_point gone);

  pg::ConnectOptions options_;
  std::function<std::vector<Watched>()> watched_;
  mutable std::mutex mutex_;
  std::condition_variable_any pausing_;
  std::map<std::string, Stall> stalls_;
  std::map<std::pair<int, std::string>, Wait> waits_;  // by backend and class
  Clock::time_point last_look_{};
  std::jthread thread_;
};

}  // namespace segue::traffic
