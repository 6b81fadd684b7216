// Ends what connections are doing as soon as a flag is set, so that a long statement does not outlast the wish to stop.
//
// Watches from a thread of its own, some twenty times a second, and cancels again while the flag is set, since a
// request may come between two statements. Does nothing where there is no flag. Connections may be added from any
// thread; they are cancelled only as long as this lives, and may be closed before it.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "pg/connection.h"

namespace segue::catalog {

class CancelOnStop {
 public:
  explicit CancelOnStop(const std::atomic<bool>* stop);
  ~CancelOnStop();
  CancelOnStop(const CancelOnStop&) = delete;
  CancelOnStop& operator=(const CancelOnStop&) = delete;

  void watch(const pg::Connection& connection);

 private:
  const std::atomic<bool>* stop_;
  std::mutex mutex_;
  std::vector<pg::Canceller> watched_;
  std::jthread thread_;
};

// What a function says that was stopped by its flag.
Error stopped_error();

}  // namespace segue::catalog
