#include "traffic/schedule.h"

#include <algorithm>
#include <cmath>

namespace segue::traffic {
namespace {

Clock::duration in_clock(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

Schedule::Schedule(std::optional<double> rate, std::optional<double> seconds) : rate_(rate), seconds_(seconds) {}

void Schedule::start() {
  started_ = Clock::now();
  if (seconds_) end_ = started_ + in_clock(*seconds_);
}

std::optional<Clock::time_point> Schedule::next(const std::stop_token& stop) {
  if (stop.stop_requested() || Clock::now() >= end_) return std::nullopt;
  if (!rate_) return Clock::now();
  const auto due = started_ + in_clock(static_cast<double>(tickets_++) / *rate_);
  const auto until = std::min(due, end_);
  if (until > Clock::now()) {
    std::unique_lock lock(mutex_);
    waiting_.wait_until(lock, stop, until, [] { return false; });
  }
  if (stop.stop_requested() || due >= end_) {
    --tickets_;
    return std::nullopt;
  }
  return due;
}

void Schedule::pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  waiting_.wait_for(lock, stop, time, [] { return false; });
}

std::int64_t Schedule::unserved(Clock::time_point now) const {
  if (!rate_) return 0;
  const double passed = std::chrono::duration<double>(std::min(now, end_) - started_).count();
  const auto due = static_cast<std::int64_t>(std::ceil(passed * *rate_));
  return std::max<std::int64_t>(0, due - tickets_);
}

}  // namespace segue::traffic
