#include "catalog/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "catalog/diff.h"
#include "catalog/fingerprint.h"
#include "testing/server.h"

namespace segue::catalog {
namespace {

Snapshot take(pg::Connection& connection, const SnapshotOptions& options = {}) {
  auto snapshot = take_snapshot(connection, options);
  if (!snapshot) throw std::runtime_error(to_text(snapshot.error()));
  return std::move(*snapshot);
}

TEST(Snapshot, NamedSchemasOnly) {
  testing::Database database;
  database.run(
      "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (x int); CREATE TABLE b.t (x int); CREATE PUBLICATION p");
  auto connection = database.connect();
  const auto some = take(connection, {.schemas = {"a"}});
  EXPECT_NE(some.find("table", "a.t"), nullptr);
  EXPECT_EQ(some.find("table", "b.t"), nullptr);
  EXPECT_EQ(some.find("publication", "p"), nullptr);
  EXPECT_NE(take(connection).find("publication", "p"), nullptr);
}

TEST(Snapshot, ASchemaThatIsNotThereIsTheUsersError) {
  testing::Database database;
  auto connection = database.connect();
  const auto refused = take_snapshot(connection, {.schemas = {"public", "pubic"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().exit, Exit::usage);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("pubic"));
  EXPECT_FALSE(connection.in_transaction());
}

TEST(Snapshot, SeguesOwnSchemasCountInNone) {
  testing::Database database;
  auto connection = database.connect();
  const auto before = fingerprint(take(connection));
  database.run(
      "CREATE SCHEMA segue; CREATE TABLE segue.step (a int); CREATE SCHEMA segue_trash; CREATE VIEW segue_trash.v AS "
      "SELECT 1");
  EXPECT_EQ(fingerprint(take(connection)), before);
  EXPECT_EQ(fingerprint(take(connection, {.schemas = {"public"}})),
            fingerprint(take(connection, {.schemas = {"public", "segue"}})));
}

TEST(Snapshot, SettingsOfTheSessionDoNotShowAndStayAsTheyWere) {
  testing::Database database;
  database.run(
      "CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE TABLE s.t (e s.e DEFAULT 'a', at timestamptz DEFAULT "
      "'2020-01-01 00:00+00', "
      "f float8 DEFAULT 0.1, iv interval DEFAULT '1 day 2 hours', CHECK (at > '2021-05-05 12:00+00'))");
  auto plain = database.connect();
  auto odd = database.connect();
  ASSERT_TRUE(
      odd.script("SET TimeZone = 'Asia/Kolkata'; SET DateStyle = 'German'; SET IntervalStyle = 'iso_8601'; "
                 "SET search_path = s, public; SET quote_all_identifiers = on; SET extra_float_digits = -5"));
  EXPECT_EQ(fingerprint(take(plain)), fingerprint(take(odd)));
  EXPECT_EQ(odd.value("SHOW search_path").value(), "s, public");
  EXPECT_EQ(odd.value("SHOW TimeZone").value(), "Asia/Kolkata");
}

TEST(Snapshot, InTheCallersTransactionItSeesTheCallersChangesAndLeavesItAlone) {
  testing::Database database;
  auto connection = database.connect();
  ASSERT_TRUE(connection.begin());
  ASSERT_TRUE(connection.script("SET LOCAL TimeZone = 'Asia/Kolkata'; CREATE TABLE t (a int)"));
  EXPECT_NE(take(connection).find("table", "public.t"), nullptr);
  EXPECT_TRUE(connection.in_transaction());
  EXPECT_EQ(connection.value("SHOW TimeZone").value(), "Asia/Kolkata");
  EXPECT_FALSE(take_snapshot(connection, {.schemas = {"nowhere"}}));
  EXPECT_TRUE(connection.script("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(connection.commit().outcome, pg::CommitOutcome::committed);
}

TEST(Snapshot, TheOrderOfMakingDoesNotCount) {
  testing::Database a, b;
  a.run(
      "CREATE TABLE t (x int); CREATE TABLE u (y int); GRANT SELECT ON t TO pg_monitor; GRANT INSERT ON t TO "
      "pg_monitor");
  b.run(
      "CREATE TABLE gone (z int); DROP TABLE gone; CREATE TABLE u (w int, y int); ALTER TABLE u DROP w; CREATE TABLE t "
      "(x int); "
      "GRANT INSERT ON t TO pg_monitor; GRANT SELECT ON t TO pg_monitor");
  auto left = a.connect(), right = b.connect();
  const auto before = take(left), after = take(right);
  EXPECT_THAT(sentences(diff(before, after)), ::testing::IsEmpty());
  EXPECT_EQ(fingerprint(before), fingerprint(after));
}

TEST(Snapshot, WhatIsOnTheBlindListDoesNotCount) {
  testing::Database database;
  database.run("CREATE TABLE t (a int); CREATE SEQUENCE q; CREATE TYPE e AS ENUM ('a', 'c')");
  auto connection = database.connect();
  const auto before = fingerprint(take(connection));
  database.run(
      "SELECT nextval('q'), nextval('q'); INSERT INTO t VALUES (1); ALTER TABLE t ADD b int DEFAULT 1; ALTER TABLE t "
      "DROP b");
  database.run("ANALYZE t");
  EXPECT_EQ(fingerprint(take(connection)), before);
}

TEST(Snapshot, RightsThatAreSaidAndRightsThatAreUnderstoodAreTheSame) {
  testing::Database database;
  database.run("CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
  auto connection = database.connect();
  const auto before = fingerprint(take(connection));
  database.run(
      "GRANT SELECT ON t TO pg_monitor; REVOKE SELECT ON t FROM pg_monitor; GRANT EXECUTE ON FUNCTION f TO PUBLIC");
  EXPECT_EQ(fingerprint(take(connection)), before);
}

TEST(Snapshot, ARoleWithoutRightsSeesTheSameCatalog) {
  testing::Database database;
  database.run(
      "CREATE SCHEMA closed; CREATE TABLE closed.t (a int); CREATE POLICY p ON closed.t USING (a > 0); "
      "CREATE VIEW closed.v AS SELECT a FROM closed.t; CREATE FUNCTION closed.f() RETURNS int LANGUAGE sql AS 'SELECT "
      "1'; "
      "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'h'); "
      "CREATE SUBSCRIPTION u CONNECTION 'password=hush' PUBLICATION p WITH (connect = false, slot_name = none)");
  auto owner = database.connect(), other = database.connect();
  const auto full = take(owner);
  ASSERT_TRUE(other.script("CREATE ROLE nobody_at_all; SET ROLE nobody_at_all"));
  const auto differences = sentences(diff(full, take(other)));
  EXPECT_THAT(differences, ::testing::IsEmpty());
  ASSERT_TRUE(other.script("RESET ROLE; DROP ROLE nobody_at_all"));
  ASSERT_TRUE(owner.script("ALTER SUBSCRIPTION u DISABLE; DROP SUBSCRIPTION u"));
}

TEST(Snapshot, SecretsAreNotRead) {
  testing::Database database;
  database.run(
      "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (password 'hush'); "
      "CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'hush'); "
      "CREATE SUBSCRIPTION u CONNECTION 'password=hush' PUBLICATION p WITH (connect = false, slot_name = none)");
  auto connection = database.connect();
  for (const auto& [key, object] : take(connection).objects) {
    for (const auto& [attribute, value] : object.attributes) {
      EXPECT_EQ(value.find("hush"), std::string::npos) << key.first << " " << key.second << " " << attribute;
    }
  }
  ASSERT_TRUE(connection.script("DROP SUBSCRIPTION u"));
}

// The server's own functions look at the present, not at the snapshot: objects that go meanwhile must not make it fail.
TEST(Snapshot, OthersMayMakeAndDropMeanwhile) {
  testing::Database database;
  std::jthread busy([&](const std::stop_token& stop) {
    auto connection = database.connect();
    while (!stop.stop_requested()) {
      (void)connection.script("CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT 'x', CHECK (a > 0))");
      (void)connection.script("CREATE VIEW v AS SELECT * FROM t");
      (void)connection.script("DROP TABLE t CASCADE");
    }
  });
  auto connection = database.connect();
  for (int i = 0; i < 30; ++i) {
    const auto snapshot = take_snapshot(connection);
    ASSERT_TRUE(snapshot) << to_text(snapshot.error());
  }
}

}  // namespace
}  // namespace segue::catalog
