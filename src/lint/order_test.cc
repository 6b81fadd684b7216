#include "lint/order.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace segue::lint {
namespace {

using Files = std::vector<std::string>;

Files sorted(Files files) {
  sort_as_run(files);
  return files;
}

TEST(Order, NumbersCompareByValue) {
  EXPECT_TRUE(runs_before("2_b.sql", "10_a.sql"));
  EXPECT_TRUE(runs_before("V1.2__a.sql", "V1.10__a.sql"));
  EXPECT_FALSE(runs_before("10_a.sql", "2_b.sql"));
}

TEST(Order, FlywayRunsVersionsThenWhatRepeatsThenWhatUndoes) {
  EXPECT_EQ(sorted({"R__v.sql", "U2__b.sql", "V10__c.sql", "V2.2__e.sql", "V2_1__d.sql", "V2__b.sql"}),
            (Files{"V2__b.sql", "V2_1__d.sql", "V2.2__e.sql", "V10__c.sql", "R__v.sql", "U2__b.sql"}));
}

TEST(Order, WhatGoesUpComesBeforeWhatGoesDown) {
  EXPECT_EQ(sorted({"m/1_a.down.sql", "m/1_a.up.sql", "m/2_b.down.sql", "m/2_b.up.sql"}),
            (Files{"m/1_a.up.sql", "m/1_a.down.sql", "m/2_b.up.sql", "m/2_b.down.sql"}));
  EXPECT_EQ(sorted({"m/1_a/down.sql", "m/1_a/up.sql"}), (Files{"m/1_a/up.sql", "m/1_a/down.sql"}));
}

TEST(Order, SqitchRunsAsItsPlanSays) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "segue_lint_sqitch";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "sqitch.plan")
      << "%syntax-version=1.0.0\n%project=shop\n\nusers 2024-01-01T00:00:00Z a <a@b>\n"
         "@v1 2024-01-01T00:00:00Z a <a@b>\nbasket [users] 2024-01-02T00:00:00Z a <a@b>\n";
  const std::string at = folder.string();
  EXPECT_EQ(sorted({at + "/deploy/basket.sql", at + "/deploy/users.sql", at + "/revert/basket.sql"}),
            (Files{at + "/deploy/users.sql", at + "/deploy/basket.sql", at + "/revert/basket.sql"}));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace segue::lint
