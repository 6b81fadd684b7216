// How statements are run and what their failures are called, on a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "testing/server.h"
#include "traffic/traffic.h"
#include "traffic/traffic_test_help.h"

namespace segue::traffic {
namespace {

using ::testing::HasSubstr;

TEST(Traffic, Both_protocols_give_the_same_rows) {
  for (const auto protocol : {Protocol::simple, Protocol::prepared}) {
    Orders orders;
    auto traffic = parse(R"yaml(
traffic: mixed
pools: { job: SELECT job_no FROM work_orders }
statements:
  - name: look
    weight: 5
    sql: SELECT id FROM work_orders WHERE job_no = $1
    params: [{ pool: job }]
    rows: 1
  - name: new
    sql: INSERT INTO work_orders (job_no, status, title) VALUES ($1, $2, $3) RETURNING job_no
    params: [{ serial: "T-{n}" }, { choice: [pending, "it's"] }, null]
    rows: 1
    adds_to: job
  - name: close
    let: { job: { pool: job } }
    transaction:
      - { name: look, sql: SELECT id FROM work_orders WHERE job_no = $1 FOR UPDATE, params: [{ let: job }], rows: 1 }
      - { sql: UPDATE work_orders SET status = 'done' WHERE id = $1, params: [{ returned: look.id }], rows: 1 }
)yaml");
    ASSERT_TRUE(start(traffic, orders, {.connections = 3, .protocol = protocol}));
    run_until(traffic, [&] { return traffic.now().statements >= 600; });
    const auto report = traffic.stop().value();
    EXPECT_TRUE(report.good()) << to_text(report);
    EXPECT_GE(report.statements, 600);
    EXPECT_GT(report.queries, report.statements);
    for (const auto& one : report.by_statement) EXPECT_GT(one.count, 0) << one.name;
    EXPECT_EQ(orders.value("SELECT count(*) FROM work_orders"), std::to_string(100 + report.by_statement[1].count));
    EXPECT_GT(report.latency.p50, 0);
    EXPECT_LE(report.latency.p50, report.latency.p99);
    EXPECT_LE(report.latency.p99, report.latency.max);
  }
}

TEST(Traffic, Failures_are_counted_by_sqlstate_and_expected_ones_apart) {
  Orders orders;
  auto traffic = parse(R"yaml(
traffic: failing
statements:
  - { name: no table, sql: SELECT 1 FROM nowhere }
  - { name: taken, sql: "INSERT INTO work_orders (id, job_no, status) VALUES (1, 'J1', 'x')", may_fail: [23505]
}
  - { name: too few, sql: SELECT 1 WHERE false, rows: 1 }
  - name: cut
    transaction:
      - { name: none, sql: SELECT id FROM work_orders WHERE false }
      - { sql: SELECT $1::int, params: [{ returned: none.id }] }
  - name: wrong column
    transaction:
      - { name: one, sql: SELECT 1 AS x }
      - { sql: SELECT $1::int, params: [{ returned: one.y }] }
  - { name: at commit, transaction: [{ sql: INSERT INTO late VALUES (1) }] }
)yaml");
  orders.run("CREATE TABLE late (id int REFERENCES work_orders(id) DEFERRABLE INITIALLY DEFERRED)");
  orders.run("UPDATE work_orders SET id = id + 1000");
  ASSERT_TRUE(start(traffic, orders, {.connections = 2}));
  run_until(traffic, [&] { return traffic.now().statements >= 300; });
  const auto report = traffic.stop().value();
  EXPECT_GT(report.failures.at("42P01").count, 0);
  EXPECT_THAT(report.failures.at("42P01").message, HasSubstr("nowhere"));
  EXPECT_EQ(report.failures.at("42P01").statement, "no table");
  EXPECT_GT(report.failures.at("rows").count, 0);
  EXPECT_GT(report.failures.at("23503").count, 0);
  EXPECT_GT(report.failures.at("no-such-column").count, 0);
  EXPECT_GT(report.expected, 0);
  EXPECT_GT(report.cut_short, 0);
  EXPECT_EQ(report.failures.count("23505"), 0u);
  const auto json = to_json(report);
  EXPECT_EQ(json["by_sqlstate"]["42P01"], report.failures.at("42P01").count);
  EXPECT_EQ(json["failed"], report.failed);
  EXPECT_FALSE(report.good());
}

TEST(Traffic, Roles_and_claims_hold_for_their_transaction_only) {
  Orders orders;
  orders.run("CREATE ROLE " + orders.role() + "; GRANT " + orders.role() + " TO CURRENT_USER");
  auto traffic = parse("traffic: roles\nrole: " + orders.role() + R"yaml(
claims: { sub: { pool: user }, clientId: "7", admin: true }
settings: { app.tenant: { pool: user } }
pools: { user: SELECT 42 AS id }
statements:
  - name: as role
    sql: >
      SELECT 1 WHERE current_user = $1 AND current_setting('app.tenant') = '42' AND
      current_setting('request.jwt.claims')::jsonb = '{"sub": 42, "clientId": "7", "admin": true}'
    params: [)yaml" + orders.role() +
                       R"yaml(]
    rows: 1
  - name: as nobody
    role: none
    claims: {}
    settings: {}
    sql: SELECT 1 WHERE current_user = session_user AND coalesce(current_setting('app.tenant', true), '') = ''
    rows: 1
)yaml");
  ASSERT_TRUE(start(traffic, orders, {.connections = 1}));
  run_until(traffic, [&] { return traffic.now().statements >= 100; });
  const auto report = traffic.stop().value();
  EXPECT_TRUE(report.good()) << to_text(report);
  orders.run("DROP ROLE " + orders.role());
}

TEST(Traffic, A_prepared_star_fails_for_ever_when_a_column_comes_unless_it_prepares_again) {
  for (const bool reprepare : {false, true}) {
    Orders orders;
    auto traffic = parse(std::string("traffic: star\nreprepare: ") + (reprepare ? "true" : "false") + R"yaml(
statements:
  - { name: star, sql: SELECT * FROM work_orders LIMIT 1, rows: 1 }
  - { name: named, sql: SELECT id FROM work_orders LIMIT 1, rows: 1 }
  - { name: star as well, transaction: [{ sql: SELECT * FROM work_orders LIMIT 1, rows: 1 }] }
)yaml");
    ASSERT_TRUE(start(traffic, orders, {.connections = 2, .protocol = Protocol::prepared}));
    run_until(traffic, [&] { return traffic.now().statements >= 100; });
    EXPECT_EQ(traffic.now().failed, 0);
    orders.run("ALTER TABLE work_orders ADD extra text");
    const auto before = traffic.now().statements;
    run_until(traffic, [&] { return traffic.now().statements >= before + 300; });
    const auto report = traffic.stop().value();
    if (reprepare) {
      EXPECT_TRUE(report.good()) << to_text(report);
    } else {
      EXPECT_GT(report.failures.at("0A000").count, 100);
      EXPECT_EQ(report.by_statement[1].failed, 0);
    }
  }
}

TEST(Traffic, A_lost_connection_is_opened_again) {
  Orders orders;
  auto traffic = parse("traffic: lost\nstatements: [{ name: sleepless, sql: SELECT pg_sleep(0.001) }]\n");
  ASSERT_TRUE(start(traffic, orders, {.connections = 2}));
  run_until(traffic, [&] { return traffic.now().statements >= 20; });
  const auto moment = orders.value("SELECT clock_timestamp()");
  orders.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'segue traffic lost'");
  run_until(traffic, [&] {
    return traffic.now().connected == 2 &&
           orders.value(
               "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'segue traffic lost' AND "
               "backend_start > '" +
               moment + "'") == "2";
  });
  const auto report = traffic.stop().value();
  EXPECT_EQ(report.reconnects, 2);
  EXPECT_EQ(report.failed, 2) << to_text(report);
}

TEST(Traffic, What_hangs_at_the_end_is_cancelled_and_is_no_failure) {
  Orders orders;
  auto traffic = parse("traffic: hanging\nstatements: [{ name: long, sql: SELECT pg_sleep(600) }]\n");
  ASSERT_TRUE(start(traffic, orders, {.connections = 2, .drain_seconds = 0.05}));
  run_until(traffic, [&] {
    return orders.value(
               "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'segue traffic hanging' AND "
               "wait_event = 'PgSleep'") == "2";
  });
  const auto report = traffic.stop().value();
  EXPECT_EQ(report.interrupted, 2);
  EXPECT_EQ(report.failed, 0);
  EXPECT_LT(report.seconds, 60);
}

TEST(Traffic, A_fixed_rate_is_kept_and_a_stall_shows_in_the_latency) {
  Orders orders;
  auto traffic = parse("traffic: paced\nstatements: [{ name: one, sql: SELECT id FROM work_orders LIMIT 1 }]\n");
  ASSERT_TRUE(start(traffic, orders, {.connections = 2, .rate = 200, .seconds = 2}));
  auto holder = orders.connect("test");
  ASSERT_TRUE(holder.begin());
  ASSERT_TRUE(holder.execute("LOCK TABLE work_orders"));
  run_until(traffic, [&] { return traffic.now().seconds > 0.5; });
  holder.rollback();
  const auto report = traffic.wait().value();
  EXPECT_TRUE(report.good());
  EXPECT_NEAR(static_cast<double>(report.statements + report.unserved), 400, 2);
  EXPECT_LE(report.unserved, 20);
  // A closed loop would have counted two slow statements; here each of the ~100 that were due meanwhile was late.
  EXPECT_GT(report.latency.p95, 200);
  EXPECT_GE(report.series.size(), 2u);
}

TEST(Traffic, Mistakes_at_the_start_have_their_place_in_the_file) {
  Orders orders;
  const auto problem = [&](const std::string& pools, const std::string& param) {
    auto traffic = parse("traffic: t\npools: { " + pools + " }\nstatements: [{ name: a, sql: SELECT $1, params: [" +
                         param + "] }]\n");
    const auto started = start(traffic, orders, {});
    return started ? "nothing wrong" : to_text(started.error());
  };
  EXPECT_THAT(problem("job: SELECT 1 FROM nowhere", "{ pool: job }"),
              HasSubstr("t.yaml:2:15: the query of `job` failed"));
  EXPECT_THAT(problem("job: SELECT 1 WHERE false", "{ pool: job }"), HasSubstr("the pool `job` is empty"));
  EXPECT_THAT(problem("job: SELECT 1 AS job_no", "{ pool: job.jobno }"), HasSubstr("did you mean `job_no`?"));
}

}  // namespace
}  // namespace segue::traffic
