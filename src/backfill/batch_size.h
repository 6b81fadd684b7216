// How many rows the next batch takes: by the time that the last one took.
#pragma once

#include <algorithm>
#include <cstdint>

namespace segue::backfill {

// Grows by at most one half, halves after a lock, falls to a tenth after a batch that took five times too long; never
// below 10, never above the cap.
class BatchSize {
 public:
  BatchSize(double target_ms, std::int64_t cap) : target_ms_(target_ms), cap_(cap > 0 ? cap : 100000) {
    rows_ = std::min<std::int64_t>(500, cap_);
  }

  std::int64_t rows() const { return rows_; }

  void took(double ms) {
    if (ms > 5 * target_ms_) return set(rows_ / 10);
    const double factor = std::clamp(target_ms_ / std::max(ms, 0.1), 0.5, 1.5);
    set(static_cast<std::int64_t>(static_cast<double>(rows_) * factor));
  }

  void met_a_lock() { set(rows_ / 2); }

 private:
  void set(std::int64_t rows) { rows_ = std::clamp<std::int64_t>(rows, std::min<std::int64_t>(10, cap_), cap_); }

  double target_ms_;
  std::int64_t cap_;
  std::int64_t rows_;
};

}  // namespace segue::backfill
