#include "backfill/power.h"

#include <gtest/gtest.h>

namespace segue::backfill {
namespace {

// So many milliseconds, and of a hundred so many that take ten times as long.
std::vector<double> taken(double ms, int slow) {
  std::vector<double> all(static_cast<std::size_t>(100 - slow), ms);
  all.insert(all.end(), static_cast<std::size_t>(slow), 10 * ms);
  return all;
}

TEST(Power, WhatCostsNobodyAnythingGrowsToAllWorkers) {
  Power power;
  for (int times = 0; times < 100; ++times) power.judge({taken(1, 2), taken(1, 2)}, 3);
  EXPECT_EQ(power.workers(), 3);
  EXPECT_GT(power.duty(), 0.9);
  EXPECT_LT(power.duty(), 1);
}

// A tenth of what runs beside it takes longer, and one in fifty anyway: so that it is one in twenty in all, it may work
// three eighths of the time.
TEST(Power, TheDutyFollowsFromWhatItCosts) {
  Power power;
  for (int times = 0; times < 100; ++times) power.judge({taken(1, 10), taken(1, 2)}, 3);
  EXPECT_EQ(power.workers(), 1);
  EXPECT_NEAR(power.duty(), 0.375, 0.01);
}

TEST(Power, ItFallsAtOnceAndIsNeverNothing) {
  Power power;
  for (int times = 0; times < 100; ++times) power.judge({taken(1, 0), taken(1, 0)}, 2);
  power.judge({taken(5, 0), taken(1, 0)}, 2);
  EXPECT_EQ(power.workers(), 1);
  power.judge({taken(5, 0), taken(1, 0)}, 2);
  EXPECT_LT(power.duty(), 0.06);
  EXPECT_GT(power.duty(), 0);
}

TEST(Power, NothingFollowsFromAFew) {
  Power power;
  EXPECT_FALSE(power.judge({std::vector<double>(5, 100.0), taken(1, 0)}, 2));
  EXPECT_DOUBLE_EQ(power.duty(), 0.25);
}

}  // namespace
}  // namespace segue::backfill
