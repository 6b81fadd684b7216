#include "pg/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "pg/quote.h"
#include "testing/server.h"

namespace segue::pg {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ConnectionTest : public ::testing::Test {
 protected:
  testing::Database database;
  Connection connection = database.connect();
};

TEST_F(ConnectionTest, ValuesAreParametersAndTyped) {
  const auto rows = connection.query(
      "SELECT $1::int + 1, $2::text, $3::bool, $4::float8, $5::text, $6::text[]",
      {41, "it's; DROP TABLE x", true, 0.5, nullptr, std::vector<std::string>{"a,b", "c\"d", "", "NULL", "\\"}});
  ASSERT_TRUE(rows) << to_text(rows.error());
  EXPECT_EQ(rows->integer(0, 0), 42);
  EXPECT_EQ(rows->text(0, 1), "it's; DROP TABLE x");
  EXPECT_TRUE(rows->boolean(0, 2));
  EXPECT_EQ(rows->real(0, 3), 0.5);
  EXPECT_TRUE(rows->is_null(0, 4));
  EXPECT_EQ(rows->maybe(0, 4), std::nullopt);
  EXPECT_EQ(rows->list(0, 5), (std::vector<std::string>{"a,b", "c\"d", "", "NULL", "\\"}));
  EXPECT_THROW((void)rows->integer(0, 1), std::logic_error);
  EXPECT_THROW((void)rows->text(1, 0), std::logic_error);
}

// Not even for the moment before the session is set up: its own settings are a statement too.
TEST_F(ConnectionTest, NoTimeoutOfTheUrlIsEverInForce) {
  const auto url = database.url() + (database.url().find('?') == std::string::npos ? "?" : "&") +
                   "options=-c%20statement_timeout%3D1%20-c%20work_mem%3D1234kB";
  auto session = Connection::open({.url = url, .settings = {{"statement_timeout", "0"}}});
  ASSERT_TRUE(session) << to_text(session.error());
  const auto rows =
      session->query("SELECT name, reset_val FROM pg_settings WHERE name IN ('statement_timeout', 'work_mem')");
  ASSERT_TRUE(rows);
  for (std::size_t row = 0; row < rows->size(); ++row) {
    EXPECT_EQ(rows->text(row, 1), rows->text(row, 0) == "work_mem" ? "1234" : "0");
  }
}

TEST_F(ConnectionTest, ErrorsKeepTheSqlstateAndTheDetail) {
  database.run("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
  const auto done = connection.execute("INSERT INTO t VALUES ($1)", {1});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().sqlstate, "23505");
  EXPECT_THAT(done.error().message, HasSubstr("Key (id)=(1) already exists"));
  EXPECT_EQ(connection.execute("SELEC 1").error().sqlstate, "42601");
  EXPECT_EQ(connection.execute("SELEC 1").error().where, "character 1");
}

TEST_F(ConnectionTest, OneValueMeansOneValue) {
  EXPECT_EQ(connection.value("SELECT 7"), "7");
  EXPECT_EQ(connection.value("SELECT 1 WHERE false").error().code, "not-one-value");
  EXPECT_EQ(connection.value("SELECT NULL::text").error().code, "not-one-value");
  EXPECT_EQ(connection.value("SELECT 1, 2").error().code, "not-one-value");
}

TEST_F(ConnectionTest, AffectedRowsAndCommand) {
  ASSERT_TRUE(connection.execute("CREATE TABLE t AS SELECT generate_series(1, 5) AS i"));
  const auto rows = connection.query("UPDATE t SET i = i + 1 WHERE i > 2");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->affected(), 3);
  EXPECT_EQ(rows->command(), "UPDATE 3");
}

TEST_F(ConnectionTest, PipelineIsOneTransactionAndOneRoundTrip) {
  ASSERT_TRUE(connection.execute("CREATE TABLE t (i int PRIMARY KEY)"));
  Pipeline good(connection);
  for (int i = 0; i < 1000; ++i) good.add("INSERT INTO t VALUES ($1)", {i});
  good.add("SELECT count(*) FROM t");
  const auto answers = good.run();
  ASSERT_TRUE(answers) << to_text(answers.error());
  EXPECT_EQ(answers->back().integer(0, 0), 1000);

  std::size_t failed_at = 0;
  Pipeline bad(connection);
  bad.add("INSERT INTO t VALUES (2000)").add("INSERT INTO t VALUES (1)").add("INSERT INTO t VALUES (3000)");
  const auto refused = bad.run(&failed_at);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().sqlstate, "23505");
  EXPECT_EQ(failed_at, 1u);
  EXPECT_EQ(connection.value("SELECT count(*) FROM t"), "1000");  // and the connection goes on
}

TEST_F(ConnectionTest, PipelineWithLargeAnswersDoesNotStall) {
  Pipeline large(connection);
  for (int i = 0; i < 50; ++i) large.add("SELECT repeat('x', 200000), $1::text", {std::string(100000, 'y')});
  const auto answers = large.run();
  ASSERT_TRUE(answers) << to_text(answers.error());
  EXPECT_EQ(answers->size(), 50u);
}

TEST_F(ConnectionTest, CopyInAndOut) {
  ASSERT_TRUE(connection.execute("CREATE TABLE t (i int, s text)"));
  int at = 0;
  const auto in = connection.copy_in("COPY t FROM STDIN", [&]() -> std::string {
    if (at == 3) return {};
    ++at;
    return std::to_string(at) + "\tline " + std::to_string(at) + "\n";
  });
  ASSERT_TRUE(in) << to_text(in.error());
  EXPECT_EQ(*in, 3);
  std::string all;
  const auto out = connection.copy_out("COPY t TO STDOUT", [&](std::string_view piece) { all += piece; });
  ASSERT_TRUE(out) << to_text(out.error());
  EXPECT_EQ(all, "1\tline 1\n2\tline 2\n3\tline 3\n");

  const auto bad = connection.copy_in("COPY t FROM STDIN", [&, once = true]() mutable -> std::string {
    return std::exchange(once, false) ? "x\ty\n" : "";
  });
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().sqlstate, "22P02");
  EXPECT_EQ(connection.value("SELECT count(*) FROM t"), "3");
  EXPECT_EQ(connection.copy_in("SELECT 1", [] { return std::string(); }).error().code, "not-a-copy");
}

TEST_F(ConnectionTest, Notices) {
  std::string heard;
  connection.on_notice([&](const auto& severity, const auto& message) { heard = severity + ": " + message; });
  ASSERT_TRUE(connection.execute("DO $$ BEGIN RAISE WARNING 'careful'; END $$"));
  EXPECT_EQ(heard, "WARNING: careful");
}

TEST_F(ConnectionTest, CancelFromAnotherThread) {
  const auto canceller = connection.canceller();
  auto observer = database.connect();
  std::thread other([&] {
    const Params pid{connection.backend_pid()};
    while (observer.value("SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", pid) !=
           "1") {
    }
    EXPECT_TRUE(canceller.cancel());
  });
  const auto done = connection.execute("SELECT pg_sleep(60)");
  other.join();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().sqlstate, "57014");
}

TEST_F(ConnectionTest, ListenAndNotify) {
  ASSERT_TRUE(connection.listen("a\"b"));
  EXPECT_TRUE(connection.notifications(0)->empty());
  ASSERT_TRUE(database.connect().execute("SELECT pg_notify($1, 'hello')", {"a\"b"}));
  const auto heard = connection.notifications(10000);
  ASSERT_TRUE(heard);
  ASSERT_EQ(heard->size(), 1u);
  EXPECT_EQ(heard->front().channel, "a\"b");
  EXPECT_EQ(heard->front().payload, "hello");
}

TEST_F(ConnectionTest, CommitTellsThreeOutcomesApart) {
  ASSERT_TRUE(connection.execute("CREATE TABLE t (i int UNIQUE DEFERRABLE INITIALLY DEFERRED)"));
  ASSERT_TRUE(connection.begin());
  ASSERT_TRUE(connection.execute("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(connection.commit().outcome, CommitOutcome::committed);

  ASSERT_TRUE(connection.begin());
  ASSERT_TRUE(connection.execute("INSERT INTO t VALUES (1)"));
  const auto deferred = connection.commit();
  EXPECT_EQ(deferred.outcome, CommitOutcome::rolled_back);
  EXPECT_EQ(deferred.error.sqlstate, "23505");

  ASSERT_TRUE(connection.begin());
  ASSERT_FALSE(connection.execute("SELECT 1/0"));
  EXPECT_EQ(connection.commit().outcome, CommitOutcome::rolled_back);

  // A deferred trigger holds the COMMIT while the connection is taken away under it.
  ASSERT_TRUE(
      connection.script("CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); "
                        "RETURN NULL; END $$;"
                        "CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
                        "EXECUTE FUNCTION hold()"));
  ASSERT_TRUE(connection.begin());
  ASSERT_TRUE(connection.execute("INSERT INTO t VALUES (2)"));
  auto killer = database.connect();
  std::thread other([&] {
    const Params pid{connection.backend_pid()};
    while (killer.value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid = $1 AND "
                        "wait_event = 'PgSleep'",
                        pid) != "1") {
    }
  });
  const auto unknown = connection.commit();
  other.join();
  EXPECT_EQ(unknown.outcome, CommitOutcome::unknown);
  EXPECT_EQ(unknown.error.code, "commit-unknown");
  EXPECT_TRUE(connection.lost());
  EXPECT_EQ(connection.commit().outcome, CommitOutcome::rolled_back);  // nothing was sent any more
}

TEST_F(ConnectionTest, SettingsAndRollback) {
  auto set = Connection::open({.url = database.url(), .application_name = "x", .settings = {{"lock_timeout", "50ms"}}});
  ASSERT_TRUE(set);
  EXPECT_EQ(set->value("SHOW lock_timeout"), "50ms");
  EXPECT_EQ(set->value("SHOW application_name"), "x");
  ASSERT_TRUE(set->begin("READ ONLY"));
  EXPECT_TRUE(set->in_transaction());
  EXPECT_EQ(set->execute("CREATE TABLE t ()").error().sqlstate, "25006");
  set->rollback();
  EXPECT_FALSE(set->in_transaction());
  const auto wrong = Connection::open({.url = database.url(), .settings = {{"no_such_setting", "1"}}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().sqlstate, "42704");
}

TEST_F(ConnectionTest, PreparedStatements) {
  ASSERT_TRUE(connection.prepare("s", "SELECT $1::int * 2"));
  EXPECT_EQ(connection.run_prepared("s", {21})->integer(0, 0), 42);
}

}  // namespace
}  // namespace segue::pg
