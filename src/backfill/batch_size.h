// How many rows the next batch takes: by the time that the last one took.
#pragma once

#include <algorithm>
#include <cstdint>

namespace segue::backfill {

// Grows by at most one half, halves after a lock or a timeout, falls to a tenth after a batch that took five times too
// long; never below 10, never above the cap. A cap that somebody has given is also where it begins.
class BatchSize {
 public:
  explicit BatchSize(double target_ms) : target_ms_(target_ms) {}

  std::int64_t rows() const { return rows_; }

  bool least() const { return rows_ <= std::min(least_rows, cap_); }

  // 0: as the engine sees fit.
  void cap(std::int64_t given) {
    if (given == given_) return;
    given_ = given;
    cap_ = given > 0 ? given : most;
    set(given > 0 ? given : rows_);
  }

  void target(double ms) { target_ms_ = ms; }

  // `cut`: it was ended early, by where the rows end, and so says little about a whole one.
  void took(double ms, bool cut = false) {
    if (ms > 5 * target_ms_) return set(rows_ / 10);
    if (cut && ms < target_ms_) return;
    const double factor = std::clamp(target_ms_ / std::max(ms, 0.1), 0.5, growth_);
    set(static_cast<std::int64_t>(static_cast<double>(rows_) * factor));
  }

  void met_a_lock() { set(rows_ / 2); }

  // Few enough to be tried again and again; and there may be more like it, so it grows slowly.
  void met_a_bad_row() {
    growth_ = 1.1;
    set(few);
  }
  bool few_enough() const { return rows_ <= std::min(few, cap_); }

 private:
  static constexpr std::int64_t most = 100000, least_rows = 10, few = 32;

  void set(std::int64_t rows) { rows_ = std::clamp<std::int64_t>(rows, std::min(least_rows, cap_), cap_); }

  double target_ms_;
  double growth_ = 1.5;
  std::int64_t given_ = 0;
  std::int64_t cap_ = most;
  std::int64_t rows_ = 500;
};

}  // namespace segue::backfill
