// Gathers the answers of all connections into figures. Threads share it; a record takes well under a microsecond.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "traffic/client.h"
#include "traffic/histogram.h"
#include "traffic/report.h"

namespace segue::traffic {

class Recorder {
 public:
  explicit Recorder(std::vector<std::string> statements);

  // `second`: seconds from the start of the run, at which the answer came.
  void record(std::size_t statement, const Answer& answer, std::int64_t microseconds, double second);
  void reconnected();

  // `second`: now.
  void fill(Snapshot& snapshot, double second) const;
  void fill(Report& report) const;

 private:
  struct Figures {
    std::string name;
    std::int64_t count = 0, failed = 0, expected = 0, cut_short = 0;
    Histogram latency;
  };
  // The seconds that are still being written to, or shown live.
  struct Live {
    std::int64_t second = -1;
    std::int64_t statements = 0, failed = 0;
    Histogram latency;
  };
  static constexpr std::int64_t live_seconds = 4;

  Live& live_at(std::int64_t second);
  static Second closed(const Live& live);

  mutable std::mutex mutex_;
  std::vector<Figures> statements_;
  Histogram latency_;
  std::map<std::string, FailureFigures> failures_;
  std::int64_t count_ = 0, queries_ = 0, failed_ = 0, expected_ = 0, cut_short_ = 0, interrupted_ = 0, reconnects_ = 0;
  std::array<Live, live_seconds> live_;
  std::vector<Second> series_;
};

}  // namespace segue::traffic
