#include "pg/capability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pg/capability_room.h"
#include "testing/server.h"

namespace segue::pg {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Finding& named(const std::vector<Finding>& found, const std::string& name) {
  for (const auto& one : found) {
    if (one.name == name) return one;
  }
  throw std::runtime_error("no capability " + name);
}

TEST(Capability, AFreshServerIsWellAndEverythingCanBeRead) {
  testing::Database database;
  auto connection = database.connect();
  const auto found = capabilities(connection);
  ASSERT_TRUE(found) << to_text(found.error());
  for (const auto& one : *found) {
    EXPECT_FALSE(one.hinders()) << one.name << ": " << one.message;
    EXPECT_THAT(one.message, Not(HasSubstr("could not be read"))) << one.name;
  }
}

TEST(Capability, WhatHindersIsFoundWithItsMend) {
  testing::Database database;
  database.run("CREATE TABLE t (i int); INSERT INTO t VALUES (1), (1)");
  auto connection = database.connect();
  ASSERT_FALSE(connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (i)"));  // leaves an invalid index
  auto other = database.connect();
  ASSERT_TRUE(other.script("BEGIN; INSERT INTO t VALUES (2); PREPARE TRANSACTION 'left_open'"));
  const auto found = capabilities(connection);
  ASSERT_TRUE(found);
  EXPECT_TRUE(named(*found, "indexes").hinders());
  EXPECT_THAT(named(*found, "indexes").message, HasSubstr("broken"));
  EXPECT_THAT(named(*found, "indexes").fix, HasSubstr("CONCURRENTLY"));
  EXPECT_TRUE(named(*found, "prepared transactions").hinders());
  ASSERT_TRUE(other.execute("ROLLBACK PREPARED 'left_open'"));
}

TEST(Capability, AUserWithoutRightsIsToldWhatIsMissing) {
  testing::Database database;
  database.run("DROP ROLE IF EXISTS weak; CREATE ROLE weak; CREATE TABLE t (i int); REVOKE CREATE ON DATABASE \"" +
               database.name() + "\" FROM PUBLIC");
  auto connection = database.connect();
  ASSERT_TRUE(connection.execute("SET SESSION AUTHORIZATION weak"));
  const auto found = capabilities(connection);
  ASSERT_TRUE(found);
  EXPECT_TRUE(named(*found, "schema for the ledger").hinders());
  EXPECT_TRUE(named(*found, "tables can be changed").hinders());
  EXPECT_THAT(named(*found, "tables can be changed").message, HasSubstr("postgres"));
  EXPECT_FALSE(named(*found, "event triggers").hinders());  // a fallback is no finding
  ASSERT_TRUE(connection.script("RESET SESSION AUTHORIZATION; DROP ROLE weak"));
}

TEST(Capability, APlanIsAskedAboutItsOwnTables) {
  testing::Database database;
  database.run(
      "DROP ROLE IF EXISTS other_owner; CREATE ROLE other_owner; CREATE TABLE mine (i int); CREATE TABLE parted (i "
      "int) "
      "PARTITION BY LIST (i); CREATE TABLE leaf PARTITION OF parted FOR VALUES IN (1); INSERT INTO mine VALUES (1), "
      "(1); "
      "INSERT INTO leaf VALUES (1), (1)");
  auto connection = database.connect();
  ASSERT_FALSE(connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken_mine ON mine (i)"));
  ASSERT_FALSE(connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken_leaf ON leaf (i)"));
  ASSERT_TRUE(connection.execute("ALTER TABLE leaf OWNER TO other_owner"));
  Scope scope;
  scope.everything = false;
  scope.tables = scope.changed = {"public.parted", "public.not_there"};
  ASSERT_TRUE(connection.execute("CREATE ROLE weak_runner"));
  ASSERT_TRUE(connection.execute("GRANT ALL ON SCHEMA public TO weak_runner"));
  const auto found = capabilities(connection, scope);
  ASSERT_TRUE(found) << to_text(found.error());
  EXPECT_THAT(named(*found, "indexes").message, HasSubstr("broken_leaf"));
  EXPECT_THAT(named(*found, "indexes").message, Not(HasSubstr("broken_mine")));
  ASSERT_TRUE(connection.execute("SET ROLE weak_runner"));
  const auto weak = capabilities(connection, scope);
  ASSERT_TRUE(weak) << to_text(weak.error());
  EXPECT_EQ(named(*weak, "tables can be changed").weight, Finding::Weight::stops);
  EXPECT_THAT(named(*weak, "tables can be changed").message, HasSubstr("other_owner"));
  scope.tables = scope.changed = {};
  const auto none = capabilities(connection, scope);
  ASSERT_TRUE(none) << to_text(none.error());
  EXPECT_FALSE(named(*none, "tables can be changed").hinders());
  ASSERT_TRUE(
      connection.script("RESET ROLE; DROP OWNED BY weak_runner; DROP ROLE weak_runner; DROP OWNED BY "
                        "other_owner CASCADE; DROP ROLE other_owner"));
}

TEST(Capability, RoomIsAskedForWhatIsWritten) {
  testing::Database database;
  database.run(
      "CREATE TABLE t (i int PRIMARY KEY, v text); INSERT INTO t SELECT g, repeat('x', 100) FROM "
      "generate_series(1, 10000) g; ANALYZE t");
  auto connection = database.connect();
  const auto nothing = room(connection, {});
  ASSERT_TRUE(nothing) << to_text(nothing.error());
  EXPECT_EQ(nothing->count, 0);
  const auto filled = room(connection, {.fills = {"public.t"}, .indexes = {}});
  ASSERT_TRUE(filled) << to_text(filled.error());
  // 1.4 MB of rows and an index of 0.2 MB, for data and once more for WAL.
  EXPECT_GT(filled->count, 2 * 1400000);
  EXPECT_LT(filled->count, 2 * 3000000);
  const auto twice = room(connection, {.fills = {"public.t", "public.t"}, .indexes = {}});
  ASSERT_TRUE(twice) << to_text(twice.error());
  EXPECT_LT(twice->count, 2 * filled->count);
  const auto indexed = room(connection, {.fills = {}, .indexes = {{"public.t", {"v"}}}});
  ASSERT_TRUE(indexed) << to_text(indexed.error());
  // With what a real index takes: an estimate, but of the right size.
  database.run("CREATE INDEX as_built ON t (i, v) WITH (deduplicate_items = off)");
  const auto built = std::stod(database.value("SELECT pg_relation_size('as_built')"));
  EXPECT_GT(static_cast<double>(indexed->count) / 2, built * 0.6);
  EXPECT_LT(static_cast<double>(indexed->count) / 2, built * 1.6);
}

}  // namespace
}  // namespace segue::pg
