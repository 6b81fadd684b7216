#include "traffic/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace segue::traffic {

int Histogram::cell_of(std::int64_t value) {
  const auto number = static_cast<std::uint64_t>(value);
  const int shift = std::max(0, static_cast<int>(std::bit_width(number)) - (fine_bits + 1));
  return (shift << fine_bits) + static_cast<int>(number >> shift);
}

std::int64_t Histogram::highest_in(int cell) {
  const int shift = std::max(0, (cell >> fine_bits) - 1);
  const std::int64_t first = static_cast<std::int64_t>(cell - (shift << fine_bits)) << shift;
  return first + (std::int64_t{1} << shift) - 1;
}

void Histogram::record(std::int64_t microseconds) {
  const auto value = std::clamp<std::int64_t>(microseconds, 0, limit);
  ++counts_[static_cast<std::size_t>(cell_of(value))];
  ++count_;
  sum_ += value;
  max_ = std::max(max_, value);
}

void Histogram::add(const Histogram& other) {
  for (std::size_t cell = 0; cell < counts_.size(); ++cell) counts_[cell] += other.counts_[cell];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

std::int64_t Histogram::at(double share) const {
  if (count_ == 0) return 0;
  const auto wanted =
      std::clamp<double>(std::ceil(share * static_cast<double>(count_)), 1, static_cast<double>(count_));
  auto left = static_cast<std::uint64_t>(wanted);
  for (std::size_t cell = 0; cell < counts_.size(); ++cell) {
    if (counts_[cell] >= left) return std::min(highest_in(static_cast<int>(cell)), max_);
    left -= counts_[cell];
  }
  return max_;
}

}  // namespace segue::traffic
