// What the workers of one backfill share: the ranges that are left, what all know of it, and who tells them to stop.
//
// Workers run in threads of their own and call nobody outside; whoever waits for them looks here.
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backfill/range.h"
#include "base/clock.h"

namespace segue::backfill {

class Crew {
 public:
  explicit Crew(const Walk& walk) : walk_(walk) {}

  // Ranges as they are now, after each batch too; a later word about one stands.
  void know(const std::vector<Range>& ranges);
  void know(const Range& range);
  // Those that are to be done, in their order.
  void give(const std::vector<Range>& ranges);
  std::optional<Range> take();
  // A worker that leaves gives back what it has begun.
  void give_back(const Range& range);

  // The first error ends all.
  void fail(const Error& error);
  std::optional<Error> error() const;

  void waits(double seconds);  // for a row; 0: not any more
  double longest_wait() const;

  double share() const;
  std::int64_t rows() const;
  std::size_t ranges() const;  // all there are
  std::size_t left() const;    // that are left to be taken
  std::vector<Range> in_states(const std::vector<std::string>& states) const;

  std::atomic<bool> stop{false};
  std::atomic<bool> hold{false};
  std::atomic<double> duty{1};        // the part of the time that all work
  std::atomic<int> at_work{0};        // in a batch now
  std::atomic<double> target_ms{25};  // of a batch
  std::atomic<int> wanted{1};         // workers
  std::atomic<std::int64_t> cap{0};   // of a batch
  std::atomic<std::int64_t> batch{0};
  std::atomic<std::int64_t> repaired{0};
  std::atomic<bool> some_failed{false};  // rows were set aside

  const Stopwatch clock;  // of all workers

 private:
  const Walk& walk_;
  mutable std::mutex mutex_;
  std::deque<Range> left_;
  std::vector<Range> all_;
  std::optional<Error> error_;
  double waiting_s_ = 0;
};

}  // namespace segue::backfill
