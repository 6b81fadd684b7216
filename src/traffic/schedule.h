// When the next statement is due.
//
// Closed loop: at once, as soon as a connection is free. Fixed rate (open loop): every 1/rate seconds whatever the
// database does; a connection that comes late gets a moment that is past, and latency is counted from that moment, so
// that a stall shows in every request that it would have delayed.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>

namespace segue::traffic {

using Clock = std::chrono::steady_clock;

class Schedule {
 public:
  // No rate: closed. No duration: until stopped.
  Schedule(std::optional<double> rate, std::optional<double> seconds);

  void start();
  // Waits for the next due moment and gives it; none when the time is over or a stop is asked for.
  std::optional<Clock::time_point> next(const std::stop_token& stop);
  // Waits, unless a stop is asked for.
  void pause(std::chrono::milliseconds time, const std::stop_token& stop);
  bool is_open() const { return rate_.has_value(); }
  // Due until `now` (or the end) and not given to any connection.
  std::int64_t unserved(Clock::time_point now) const;
  Clock::time_point started() const { return started_; }

 private:
  std::optional<double> rate_;
  std::optional<double> seconds_;
  Clock::time_point started_{};
  Clock::time_point end_ = Clock::time_point::max();
  std::atomic<std::int64_t> tickets_{0};
  std::mutex mutex_;
  std::condition_variable_any waiting_;
};

}  // namespace segue::traffic
