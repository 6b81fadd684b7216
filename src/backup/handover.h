// Pieces of text from one thread to another, at most a few under way.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

namespace segue::backup {

class Handover {
 public:
  // Waits for room. Does nothing once it was closed.
  void give(std::string piece) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || pieces_.size() < 16; });
    if (!closed_) pieces_.push_back(std::move(piece));
    changed_.notify_all();
  }
  // Waits for a piece; empty once it was closed and nothing is left.
  std::string take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !pieces_.empty(); });
    if (pieces_.empty()) return {};
    std::string piece = std::move(pieces_.front());
    pieces_.pop_front();
    changed_.notify_all();
    return piece;
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> pieces_;
  bool closed_ = false;
};

}  // namespace segue::backup
