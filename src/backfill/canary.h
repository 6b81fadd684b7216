// How long a small transaction takes while the workers work, and while they rest.
//
// A session of its own commits a row lock of the ledger's every few milliseconds, which waits for a processor and for
// the disk just as the applications' statements do.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "pg/connection.h"

namespace segue::backfill {

// In milliseconds.
struct Taken {
  std::vector<double> beside_work, beside_rest;
};

class Canary {
 public:
  // `at_work`: how many workers are at it now.
  Canary(std::function<Result<pg::Connection>()> open, std::int64_t step, const std::atomic<int>& at_work);
  ~Canary();
  Canary(const Canary&) = delete;
  Canary& operator=(const Canary&) = delete;

  // Of late.
  Taken taken() const;
  // Those beside work count no more: it is another work now.
  void forget_work();
  // It has no session: nothing is measured.
  bool ended() const { return ended_; }

 private:
  void sing();

  const std::function<Result<pg::Connection>()> open_;
  const std::int64_t step_;
  const std::atomic<int>& at_work_;
  mutable std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<double> beside_work_, beside_rest_;
  bool stop_ = false;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace segue::backfill
