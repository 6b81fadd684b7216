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
                          if (++batches == 3) EXPECT_TRUE(take_ranges(second, {step, 2, job.table}));
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
  const auto made = make_ranges(connection, {step, 1, job.table}, {{std::nullopt, R"(["5000"])"}}, "pending");
  ASSERT_TRUE(made);
  const std::optional<std::string> beginning;
  ASSERT_TRUE(connection.query(fence, {made->front().id, 1, beginning, R"(["100"])"}));
  const auto again = connection.query(fence, {made->front().id, 1, beginning, R"(["100"])"});
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
    job.batch = draw(10, 600);
    for (std::int64_t epoch = 1;; ++epoch) {
      auto connection = database.connect("carrier");
      int left = draw(1, 12);
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

// Several workers, by key: as many ranges as there is room for, each row once, also where sessions end under them.
TEST_F(BackfillTest, WorkersShareTheRows) {
  database.run("INSERT INTO t SELECT g FROM generate_series(5001, 60000) g; ANALYZE t");
  auto connection = database.connect();
  auto made = settings(1, [&, cuts = 0](const Progress& progress) mutable {
    EXPECT_EQ(progress.workers, 4);
    if (progress.rows > std::int64_t{5000} * (cuts + 1) && cuts < 4) {
      ++cuts;
      end_the_carrier();
    }
    return true;
  });
  made.open = [&] {
    return pg::Connection::open({.url = database.url(), .application_name = "carrier", .settings = {}});
  };
  made.tuning = [] { return Tuning{.workers = 4, .throttle = false}; };
  const auto done = run(connection, job, made);
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_EQ(*done, 60000);
  EXPECT_EQ(database.value("SELECT min(n) || ' ' || max(n) FROM t"), "3 3");
  EXPECT_GT(std::stoi(database.value("SELECT count(*) FROM segue.backfill_range")), 5);
}

// By pages, while somebody inserts, deletes and moves rows, with a trigger that makes what is written right: in the end
// every row is right, and every range was compared.
TEST_F(BackfillTest, ByPagesEveryRowIsRightInTheEnd) {
  database.run(
      "ALTER TABLE t ADD COLUMN pad text DEFAULT repeat('x', 200), ADD COLUMN b int; INSERT INTO t SELECT g FROM "
      "generate_series(5001, 40000) g; ANALYZE t; CREATE FUNCTION heal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "NEW.b := "
      "NEW.id * 2; RETURN NEW; END $$; CREATE TRIGGER heal BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION "
      "heal()");
  job.columns = {"b"};
  job.values = {"id * 2"};
  job.pending = "b IS DISTINCT FROM id * 2";
  job.one_pass = false;
  job.batch = 0;
  auto connection = database.connect(), other = database.connect();
  int next = 100000;
  auto made = settings(1, [&](const Progress&) {
    ++next;
    const auto number = std::to_string(next), some = std::to_string(1 + next * 7919 % 40000);
    EXPECT_TRUE(other.script("INSERT INTO t VALUES (" + number + "); DELETE FROM t WHERE id = " + some +
                             " + 1; UPDATE t SET pad = pad || 'y' WHERE id = " + some + "; UPDATE t SET id = -" +
                             number + " WHERE id = " + some + " + 2"));
    return true;
  });
  made.open = [&] {
    return pg::Connection::open({.url = database.url(), .application_name = "carrier", .settings = {}});
  };
  const auto done = run(connection, job, made);
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_EQ(database.value("SELECT count(*) FROM t WHERE b IS DISTINCT FROM id * 2"), "0");
  EXPECT_EQ(database.value("SELECT string_agg(DISTINCT state, ' ') FROM segue.backfill_range"), "right");
  EXPECT_NE(database.value("SELECT min(hi) FROM segue.backfill_range").find("page"), std::string::npos);
}

// Without a trigger too: what moved behind the cursor is found by the comparison.
TEST_F(BackfillTest, TheComparisonRepairs) {
  database.run("ALTER TABLE t ADD COLUMN b int");
  job.columns = {"b"};
  job.values = {"n + 1"};
  job.pending = "b IS NULL";
  job.one_pass = false;
  auto connection = database.connect(), other = database.connect();
  int batches = 0;
  std::vector<std::string> notes;
  auto made = settings(1, [&](const Progress& progress) {
    if (++batches == 20) EXPECT_TRUE(other.execute("UPDATE t SET b = NULL WHERE id < 8"));
    return progress.share >= 0;
  });
  made.note = [&](const std::string& code, const std::string& text) {
    if (code == "repaired") notes.push_back(text);
  };
  ASSERT_TRUE(run(connection, job, made));
  EXPECT_EQ(database.value("SELECT count(*) FROM t WHERE b IS NULL"), "0");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("7 rows were not right"), std::string::npos) << notes[0];
}

// A row that somebody holds stops nobody: it is passed over, and visited again.
TEST_F(BackfillTest, AHeldRowIsVisitedAgain) {
  database.run("ALTER TABLE t ADD COLUMN b int");
  job.columns = {"b"};
  job.values = {"n + 1"};
  job.pending = "b IS NULL";
  job.one_pass = false;
  auto connection = database.connect(), holder = database.connect();
  ASSERT_TRUE(holder.script("BEGIN; SELECT FROM t WHERE id = 300 FOR UPDATE"));
  bool let_go = false;
  auto made = settings(1, [&](const Progress& progress) {
    if (!let_go && progress.comparing) {
      EXPECT_EQ(database.value("SELECT string_agg(id::text, ' ') FROM t WHERE b IS NULL"), "300");
      EXPECT_TRUE(holder.execute("ROLLBACK"));
      let_go = true;
    }
    return true;
  });
  const auto done = run(connection, job, made);
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_TRUE(let_go);
  EXPECT_EQ(database.value("SELECT count(*) FROM t WHERE b IS NULL"), "0");
}

// A poisoned page and one row in a thousand: set aside by their keys, also where it is walked by pages.
TEST_F(BackfillTest, PoisonedRowsAreSetAside) {
  database.run("ALTER TABLE t ADD COLUMN b int; UPDATE t SET n = 0 WHERE id % 1000 = 7 OR id BETWEEN 2000 AND 2030");
  job.columns = {"b"};
  job.values = {"100 / n"};
  job.pending = "b IS DISTINCT FROM 100 / n";
  job.one_pass = false;
  auto connection = database.connect();
  auto made = settings(1);
  made.failed_rows = 100;
  const auto done = run(connection, job, made);
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_EQ(database.value("SELECT count(*) || ' ' || count(*) FILTER (WHERE row ->> 'n' = '0') FROM segue.failed_row"),
            "35 35");
  EXPECT_EQ(database.value("SELECT count(*) FROM t WHERE b IS NULL"), "35");
}

// Beside another table: rows without a counterpart stay as they are, a row that somebody holds is visited again.
TEST_F(BackfillTest, ValuesOfAnotherTable) {
  database.run(
      "ALTER TABLE t ADD COLUMN b text; CREATE TABLE s (id int PRIMARY KEY, b text, ref int); INSERT INTO s SELECT g, "
      "'s ' || "
      "g, g FROM generate_series(1, 4000) g");
  job.columns = {"b"};
  job.values = {"s.b"};
  job.from = "s";
  job.pending = "s.ref = public.t.id AND (public.t.b IS NULL AND s.b IS NOT NULL)";
  job.one_pass = false;
  auto connection = database.connect(), holder = database.connect();
  ASSERT_TRUE(holder.script("BEGIN; SELECT FROM t WHERE id = 300 FOR UPDATE"));
  bool let_go = false;
  const auto done = run(connection, job, settings(1, [&](const Progress& progress) {
                          if (!let_go && progress.comparing) {
                            EXPECT_TRUE(holder.execute("ROLLBACK"));
                            let_go = true;
                          }
                          return true;
                        }));
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_EQ(*done, 4000);
  EXPECT_EQ(database.value("SELECT count(*) FROM t WHERE b IS DISTINCT FROM 's ' || id"), "1000");
}

}  // namespace
}  // namespace segue::backfill
