// Random numbers for one connection: fast, seeded, the same on every machine. Not for secrets.
#pragma once

#include <cstdint>

namespace segue::traffic {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  // Uniform in 0 … count-1; count must not be 0.
  std::uint64_t below(std::uint64_t count);
  // Uniform in [0, 1).
  double unit();
  // Uniform in lo … hi, both included.
  std::int64_t between(std::int64_t lo, std::int64_t hi);
  // Zipf: 1 … count, where k comes with a weight of 1/k^skew. Takes the same time for any count.
  std::uint64_t zipf(std::uint64_t count, double skew);

 private:
  std::uint64_t state_;
};

}  // namespace segue::traffic
