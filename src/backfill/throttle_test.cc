#include "backfill/throttle.h"

#include <gtest/gtest.h>

#include "testing/server.h"

namespace segue::backfill {
namespace {

TEST(WithinHours, OverMidnightToo) {
  EXPECT_TRUE(within_hours(60, 0, 120));
  EXPECT_FALSE(within_hours(120, 0, 120));
  EXPECT_TRUE(within_hours(23 * 60, 22 * 60, 6 * 60));
  EXPECT_TRUE(within_hours(5 * 60 + 59, 22 * 60, 6 * 60));
  EXPECT_FALSE(within_hours(6 * 60, 22 * 60, 6 * 60));
  EXPECT_TRUE(within_hours(1, 0, 24 * 60));
}

class ThrottleTest : public ::testing::Test {
 protected:
  ThrottleTest() { database.run("CREATE TABLE t (id int); CREATE TABLE jobs (id int)"); }

  // Why it should hold still; empty: it should not.
  std::string held() {
    const auto reason = throttle.look(connection, tuning);
    EXPECT_TRUE(reason);
    return reason.value_or("?");
  }

  const testing::Database database;
  pg::Connection connection = database.connect();
  Throttle throttle{"t"};
  Tuning tuning;
};

// What the user asks for holds while it says so, and also where it cannot be asked.
TEST_F(ThrottleTest, AQueryOfTheUsersOwn) {
  const auto held = [&](const std::string& query) {
    tuning.hold_while = query;
    return this->held();
  };
  EXPECT_EQ(held("SELECT count(*) > 0 FROM jobs"), "");
  database.run("INSERT INTO jobs VALUES (1), (2)");
  EXPECT_EQ(held("SELECT count(*) > 0 FROM jobs"), "your query (limits.hold_while) answers 1, limit 0");
  EXPECT_EQ(held("SELECT count(*) FROM jobs -- all of them"), "your query (limits.hold_while) answers 2, limit 0");
  EXPECT_EQ(held("SELECT NULL"), "");
  EXPECT_EQ(held("SELECT 1 WHERE false"), "");
  EXPECT_NE(held("SELECT nonsense").find("does not exist"), std::string::npos);
  tuning.throttle = false;
  EXPECT_EQ(held("SELECT true"), "");
}

TEST_F(ThrottleTest, AFileAndTheTimeOfDay) {
  tuning.hold_file = "/";
  EXPECT_EQ(held(), "the file / is there (limits.hold_file)");
  tuning.hold_file = "/nowhere/to/be/found";
  EXPECT_EQ(held(), "");
  tuning.hours_from = 0, tuning.hours_to = 24 * 60;
  EXPECT_EQ(held(), "");
  tuning.hours_to = 0, tuning.hours_from = 24 * 60;  // over midnight, and never
  EXPECT_EQ(held(), "it is not between 24:00 and 00:00 (limits.hours)");
}

}  // namespace
}  // namespace segue::backfill
