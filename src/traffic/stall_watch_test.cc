// Whose lock it was that the traffic waited for.
#include "traffic/stall_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "base/json.h"
#include "traffic/traffic_test_help.h"

namespace segue::traffic {
namespace {

constexpr const char* application = R"yaml(
traffic: waiting
statements:
  - { name: read, sql: SELECT count(*) FROM work_orders }
)yaml";

std::string waiting_on(const Orders& orders) {
  return orders.value(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'segue traffic waiting' AND "
      "wait_event_type = 'Lock'");
}

const Stall* stall_of(const Report& report, const std::string& blocked_by) {
  for (const auto& stall : report.stalls) {
    if (stall.blocked_by == blocked_by) return &stall;
  }
  return nullptr;
}

// Runs the traffic while a session of that name holds a lock for at least 100 ms after both connections wait for it.
Report run_behind_lock(const std::string& application_name) {
  Orders orders;
  auto traffic = parse(application);
  EXPECT_TRUE(start(traffic, orders, {.connections = 2}));
  auto holder = orders.connect(application_name);
  EXPECT_TRUE(holder.begin());
  EXPECT_TRUE(holder.execute("LOCK TABLE work_orders IN ACCESS EXCLUSIVE MODE"));
  run_until(traffic, [&] { return waiting_on(orders) == "2"; });
  EXPECT_TRUE(holder.execute("SELECT pg_sleep(0.1)"));
  holder.rollback();
  const auto before = traffic.now().statements;
  run_until(traffic, [&] { return traffic.now().statements > before + 50; });
  return traffic.stop().value();
}

TEST(StallWatch, A_lock_of_segue_is_told_apart_from_one_of_others) {
  const auto ours = run_behind_lock("segue");
  const auto* stall = stall_of(ours, "segue");
  ASSERT_NE(stall, nullptr) << to_text(ours);
  EXPECT_EQ(stall_of(ours, "other"), nullptr) << to_text(ours);
  // Between two looks a wait may have begun or ended: what it lasted lies between these two.
  EXPECT_GT(stall->longest_ms, 0);
  EXPECT_GE(stall->at_most_ms, 100);
  EXPECT_LE(stall->longest_ms, stall->at_most_ms);
  EXPECT_LE(stall->longest_ms, ours.latency.max + 1);
  EXPECT_EQ(stall->count, 2);
  EXPECT_EQ(stall->statement, "read");
  EXPECT_EQ(stall->blocker, "segue");
  EXPECT_THAT(stall->blocker_query,
              ::testing::AnyOf(::testing::HasSubstr("LOCK TABLE"), ::testing::HasSubstr("pg_sleep")));

  const auto others = run_behind_lock("psql");
  EXPECT_EQ(stall_of(others, "segue"), nullptr) << to_text(others);
  ASSERT_NE(stall_of(others, "other"), nullptr);
  EXPECT_GE(stall_of(others, "other")->at_most_ms, 100);
  EXPECT_EQ(to_json(others)["stalls"][0]["blocked_by"], "other");
}

TEST(StallWatch, A_lock_that_segue_has_queued_for_counts_as_its_own) {
  Orders orders;
  auto traffic = parse(application);
  ASSERT_TRUE(start(traffic, orders, {.connections = 2}));
  auto reader = orders.connect("psql");
  ASSERT_TRUE(reader.begin());
  ASSERT_TRUE(reader.execute("SELECT * FROM work_orders LIMIT 1"));
  auto segue = std::async(std::launch::async, [&] {
    auto session = orders.connect("segue run");
    return session.execute("ALTER TABLE work_orders ADD extra int").has_value();
  });
  run_until(traffic, [&] { return waiting_on(orders) == "2" && traffic.now().longest_stall_ms > 30; });
  reader.rollback();
  EXPECT_TRUE(segue.get());
  const auto report = traffic.stop().value();
  const auto* stall = stall_of(report, "segue");
  ASSERT_NE(stall, nullptr) << to_text(report);
  EXPECT_GE(stall->longest_ms, 30);
  EXPECT_EQ(stall->blocker, "segue run");
}

TEST(StallWatch, A_wait_down_a_chain_counts_as_segues) {
  Orders orders;
  auto traffic =
      parse("traffic: waiting\nstatements: [{ name: write, sql: UPDATE work_orders SET changes = 1 WHERE id = 1 }]\n");
  auto application = orders.connect("psql");
  ASSERT_TRUE(application.begin());
  ASSERT_TRUE(application.execute("UPDATE work_orders SET changes = 2 WHERE id = 1"));
  orders.run("CREATE TABLE side (id int)");
  auto segue = orders.connect("segue");
  ASSERT_TRUE(segue.begin());
  ASSERT_TRUE(segue.execute("LOCK TABLE side"));
  ASSERT_TRUE(start(traffic, orders, {.connections = 1}));
  auto waiting = std::async(std::launch::async, [&] { return application.execute("SELECT * FROM side").has_value(); });
  run_until(traffic, [&] { return traffic.now().longest_stall_ms > 20; });
  segue.rollback();
  EXPECT_TRUE(waiting.get());
  application.rollback();
  const auto report = traffic.stop().value();
  ASSERT_NE(stall_of(report, "segue"), nullptr) << to_text(report);
}

TEST(StallWatch, It_sees_also_where_the_application_takes_a_role_for_its_session) {
  Orders orders;
  const auto role = orders.role();
  orders.run("CREATE ROLE " + role + "; GRANT SELECT ON work_orders TO " + role);
  auto traffic = parse("session: { role: " + role + ", statement_timeout: 50s }\n" + application);
  ASSERT_TRUE(start(traffic, orders, {.connections = 2}));
  auto holder = orders.connect("segue");
  ASSERT_TRUE(holder.begin());
  ASSERT_TRUE(holder.execute("LOCK TABLE work_orders"));
  run_until(traffic, [&] { return traffic.now().longest_stall_ms > 20; });
  holder.rollback();
  EXPECT_TRUE(traffic.stop().value().good());
  orders.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST(StallWatch, Without_locks_there_is_nothing_to_tell) {
  Orders orders;
  auto traffic = parse(application);
  ASSERT_TRUE(start(traffic, orders, {.connections = 2}));
  run_until(traffic, [&] { return traffic.now().statements > 500; });
  const auto report = traffic.stop().value();
  EXPECT_TRUE(report.stalls.empty()) << to_text(report);
  EXPECT_THAT(to_text(report), ::testing::HasSubstr("no wait for a lock of segue"));
}

}  // namespace
}  // namespace segue::traffic
