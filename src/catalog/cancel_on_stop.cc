#include "catalog/cancel_on_stop.h"

#include <chrono>
#include <condition_variable>

namespace segue::catalog {

CancelOnStop::CancelOnStop(const std::atomic<bool>* stop) : stop_(stop) {
  if (stop_ == nullptr) return;
  thread_ = std::jthread([this](const std::stop_token& over) {
    std::mutex mutex;
    std::condition_variable_any ended;
    std::unique_lock lock(mutex);
    while (!over.stop_requested()) {
      ended.wait_for(lock, over, std::chrono::milliseconds(50), [] { return false; });
      if (over.stop_requested() || !*stop_) continue;
      const std::lock_guard guard(mutex_);
      for (const auto& one : watched_) (void)one.cancel();
    }
  });
}

// The thread is gone before the list that it reads.
CancelOnStop::~CancelOnStop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void CancelOnStop::watch(const pg::Connection& connection) {
  if (stop_ == nullptr) return;
  const std::lock_guard guard(mutex_);
  watched_.push_back(connection.canceller());
}

Error stopped_error() {
  return {"stopped", "stopped, as asked", {}, "run the same command again", {}, Exit::stopped};
}

}  // namespace segue::catalog
