// Time: a monotonic one to measure with, and the wall's for people and logs.
#pragma once

#include <chrono>
#include <string>

namespace segue {

// Seconds since it was made, by the monotonic clock.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count(); }

 private:
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

// "2026-03-01T12:34:56.789Z"
std::string now_text();

}  // namespace segue
