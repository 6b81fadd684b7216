#include "traffic/random.h"

#include <algorithm>
#include <cmath>

namespace segue::traffic {
namespace {

// The integral of x^-skew from 1 to x, and its inverse.
double area(double x, double skew) {
  const double power = 1 - skew;
  return std::abs(power) < 1e-9 ? std::log(x) : std::expm1(power * std::log(x)) / power;
}

double area_inverse(double y, double skew) {
  const double power = 1 - skew;
  return std::abs(power) < 1e-9 ? std::exp(y) : std::exp(std::log1p(std::max(power * y, -1.0)) / power);
}

}  // namespace

// splitmix64
std::uint64_t Random::next() {
  std::uint64_t mixed = state_ += 0x9E3779B97F4A7C15ULL;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
  return mixed ^ (mixed >> 31);
}

std::uint64_t Random::below(std::uint64_t count) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(next()) * count) >> 64);
}

double Random::unit() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::int64_t Random::between(std::int64_t lo, std::int64_t hi) {
  const auto span = static_cast<std::uint64_t>(hi) - static_cast<std::uint64_t>(lo) + 1;
  const auto offset = span == 0 ? next() : below(span);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(lo) + offset);
}

// Rejection under the curve x^-skew (Hörmann and Derflinger): a point under the curve is drawn by inverting the
// integral, and the whole number that it belongs to is taken if the point is also under that number's bar.
std::uint64_t Random::zipf(std::uint64_t count, double skew) {
  const double last = static_cast<double>(count);
  const double top = area(last + 0.5, skew);
  const double bottom = area(1.5, skew) - 1;
  for (;;) {
    const double y = top + unit() * (bottom - top);
    const double k = std::clamp(std::round(area_inverse(y, skew)), 1.0, last);
    if (y >= area(k + 0.5, skew) - std::pow(k, -skew)) return static_cast<std::uint64_t>(k);
  }
}

}  // namespace segue::traffic
