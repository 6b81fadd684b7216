#include "backfill/backfill.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "backfill/range.h"
#include "ledger/schema.h"
#include "testing/server.h"

namespace segue::backfill {
namespace {

constexpr std::int64_t rows = 5000;

// A table of which each row must be changed just once: what is done twice shows in the sum.
class BackfillTest : public ::testing::Test {
 protected:
  BackfillTest() {
    database.run("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 1)");
    begin();
    job.table = "public.t";
    job.columns = {"n"};
    job.values = {"n * 3"};
    job.pending = "true";
    job.batch = 100;
    job.one_pass = true;
  }

  // The rows as they were, and a step that has done nothing.
  void begin() {
    auto connection = database.connect();
    EXPECT_TRUE(ledger::ensure(connection));
    database.run("TRUNCATE t; INSERT INTO t SELECT g FROM generate_series(1, " + std::to_string(rows) + ") g");
    database.run(
        "INSERT INTO segue.migration_history (migration, plan_hash, plan, sources, state) VALUES ('m', '', '{}', '', "
        "'rolled_back')");
    step = std::stoll(database.value(
        "INSERT INTO segue.step (run_id, ordinal, phase, kind, sql) SELECT max(id), 1, 'backfill', 'backfill', '' FROM "
        "segue.migration_history RETURNING id"));
  }

  Settings settings(std::int64_t epoch, std::function<bool(const Progress&)> go_on = {}) const {
    Settings made;
    made.step = step;
    made.epoch = epoch;
    made.go_on = std::move(go_on);
    return made;
  }

  // Its session ends under it, in the middle of everything.
  void end_the_carrier() const {
    database.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
        "application_name = 'carrier'");
  }

  testing::Database database;
  plan::BackfillJob job;
  std::int64_t step = 0;
};

TEST_F(BackfillTest, EachRowIsChangedOnce) {
  auto connection = database.connect();
  const auto done = run(connection, job, settings(1));
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_EQ(*done, rows);
  EXPECT_EQ(database.value("SELECT min(n) || ' ' || max(n) FROM t"), "3 3");
}

// A runner whose session still lives although another has taken over: cut off behind a proxy, or asleep.
TEST_F(BackfillTest, ARunnerThatWasTakenOverChangesNothing) {
  auto first = database.connect(), second = database.connect();
  int batches = 0;
  const auto done = run(first, job, settings(1, [&](const Progress&) {
                          if (++batches == 3) EXPECT_TRUE(take_range(second, step, 2, "{5000}"));
                          return true;
                        }));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "fenced");
  EXPECT_EQ(done.error().exit, Exit::stopped);
  EXPECT_EQ(batches, 3);
  EXPECT_EQ(database.value("SELECT count(*) FROM t WHERE n <> 1"), "300");

  const auto rest = run(second, job, settings(2));
  ASSERT_TRUE(rest) << to_text(rest.error());
  EXPECT_EQ(*rest, rows);
  EXPECT_EQ(database.value("SELECT min(n) || ' ' || max(n) FROM t"), "3 3");
}

// The batch was sent, its answer never came, and the other has gone on: its fence finds another cursor.
TEST_F(BackfillTest, ABatchThatIsSentAgainChangesNothing) {
  auto connection = database.connect();
  const auto range = take_range(connection, step, 1, "{5000}");
  ASSERT_TRUE(range);
  const std::optional<std::string> beginning;
  ASSERT_TRUE(connection.query(fence, {range->id, 1, beginning, "{100}"}));
  const auto again = connection.query(fence, {range->id, 1, beginning, "{100}"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().sqlstate, "22012");
}

// A law: however often and wherever it is ended, each row is changed once.
TEST_F(BackfillTest, EndedAnywhereEachRowIsChangedOnce) {
  const char* given = std::getenv("SEED");
  const auto seed = given == nullptr ? std::random_device()() : static_cast<unsigned>(std::stoul(given));
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const auto draw = [&](int from, int to) { return std::uniform_int_distribution(from, to)(random); };
  int ends = 0;
  for (int round = 0; round < 20; ++round) {
    begin();
    job.batch = draw(10, 2000);
    for (std::int64_t epoch = 1;; ++epoch) {
      auto connection = database.connect("carrier");
      int left = draw(1, 30);
      const bool cut = draw(0, 1) == 1;
      const auto done = run(connection, job, settings(epoch, [&](const Progress&) {
                              if (--left > 0) return true;
                              if (left == 0 && cut) end_the_carrier();
                              return cut;
                            }));
      if (done) break;
      ASSERT_TRUE(done.error().code == "stopped" || connection.lost()) << to_text(done.error());
      ++ends;
    }
    ASSERT_EQ(database.value("SELECT min(n) || ' ' || max(n) || ' ' || count(*) FROM t"), "3 3 5000");
  }
  EXPECT_GT(ends, 20);
}

}  // namespace
}  // namespace segue::backfill
