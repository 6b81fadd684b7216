#include "pg/capability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace segue::pg
