// Latencies in microseconds, counted in cells that widen with the value: what is read back is never less than what was
// recorded and at most 1/64 more. Fixed size, no allocation when recording, and two of them add up exactly. Values
// above an hour count as an hour.
#pragma once

#include <array>
#include <cstdint>

namespace segue::traffic {

class Histogram {
 public:
  void record(std::int64_t microseconds);
  void add(const Histogram& other);
  void clear() { *this = Histogram(); }

  std::int64_t count() const { return count_; }
  std::int64_t max() const { return max_; }  // exact
  double mean() const { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }
  // The least value that at least this share (0 … 1) of the records do not exceed; 0 when empty.
  std::int64_t at(double share) const;

  bool operator==(const Histogram&) const = default;

  static constexpr std::int64_t limit = 3'600'000'000;

 private:
  // 64 cells for the values below 64, then 64 for each doubling, up to 2^32.
  static constexpr int fine_bits = 6;
  static constexpr int cells = (1 << fine_bits) * (32 - fine_bits + 1);
  static int cell_of(std::int64_t value);
  static std::int64_t highest_in(int cell);

  std::array<std::uint64_t, cells> counts_{};
  std::int64_t count_ = 0;
  std::int64_t sum_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace segue::traffic
