#include "engine/usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace segue::engine {
namespace {

using ledger::UsageLook;
using ::testing::HasSubstr;

UsageLook look(std::int64_t seconds, std::int64_t calls) {
  UsageLook one;
  one.at = "at " + std::to_string(seconds);
  one.ms = seconds * 1000;
  one.readable = true;
  one.samples = {{"statements", "7", "app", "SELECT status FROM o", "o.status", calls, true}};
  return one;
}

TEST(Usage, IsQuietSinceTheLookAfterTheLastCall) {
  const auto quiet = quiet_until_now({look(0, 1), look(10, 5), look(20, 5), look(35, 5)});
  EXPECT_EQ(quiet.seconds, 25);
  EXPECT_THAT(quiet.reason, HasSubstr("used 4 times"));
}

TEST(Usage, OneLookProvesNothing) {
  EXPECT_EQ(quiet_until_now({look(0, 0)}).seconds, 0);
}

TEST(Usage, AStatementThatComesUpCountsAsCalled) {
  auto before = look(0, 0);
  before.samples.clear();
  EXPECT_EQ(quiet_until_now({before, look(10, 3)}).seconds, 0);
}

TEST(Usage, ResetEvictionAndWhatCannotBeReadProveNothing) {
  auto reset = look(20, 5);
  reset.reset_at = "later";
  EXPECT_EQ(quiet_until_now({look(0, 5), reset}).seconds, 0);
  auto evicted = look(20, 5);
  evicted.evicted = 1;
  EXPECT_EQ(quiet_until_now({look(0, 5), evicted}).seconds, 0);
  auto hidden = look(20, 5);
  hidden.readable = false;
  hidden.message = "hidden";
  EXPECT_EQ(quiet_until_now({look(0, 5), hidden}).reason, "hidden");
  EXPECT_EQ(quiet_until_now({hidden, look(30, 5)}).seconds, 0);
}

TEST(Usage, ACounterThatWentBackOrIsGoneProvesNothing) {
  EXPECT_EQ(quiet_until_now({look(0, 5), look(10, 2)}).seconds, 0);
  auto gone = look(10, 0);
  gone.samples.clear();
  EXPECT_EQ(quiet_until_now({look(0, 5), gone}).seconds, 0);
}

TEST(Usage, WhatMayUseItDoesNotKeepTheGateShut) {
  auto first = look(0, 1), second = look(10, 9);
  first.samples[0].certain = second.samples[0].certain = false;
  EXPECT_EQ(quiet_until_now({first, second}).seconds, 10);
}

}  // namespace
}  // namespace segue::engine
