#include "catalog/data_fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/json.h"
#include "testing/server.h"

namespace segue::catalog {
namespace {

DataFingerprint read(const testing::Database& database, const DataFingerprintOptions& options = {}) {
  auto data = data_fingerprint({.url = database.url(), .application_name = "test", .settings = {}}, options);
  if (!data) throw std::runtime_error(to_text(data.error()));
  return std::move(*data);
}

TEST(DataFingerprint, CountsAndTellsTables) {
  testing::Database database;
  database.run(
      "CREATE TABLE a (x int); INSERT INTO a VALUES (1), (2); CREATE TABLE empty (); "
      "CREATE TABLE \"B \"\"c\" (x int); CREATE VIEW v AS SELECT 1; CREATE MATERIALIZED VIEW m AS SELECT 1; "
      "CREATE TABLE p (k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p "
      "VALUES (1); "
      "CREATE TABLE child () INHERITS (a); INSERT INTO child VALUES (9); CREATE SCHEMA segue; CREATE TABLE segue.t (a "
      "int)");
  const auto data = read(database);
  std::map<std::string, std::int64_t> rows;
  for (const auto& [name, table] : data) rows[name] = table.rows;
  EXPECT_THAT(rows, ::testing::ElementsAre(std::pair("public.\"B \"\"c\"", 0), std::pair("public.a", 2),
                                           std::pair("public.child", 1), std::pair("public.empty", 0),
                                           std::pair("public.p1", 1)));
  EXPECT_EQ(to_json(data)["public.a"]["rows"], 2);
}

// Two contents that must differ, for each way in which hashes are fooled.
TEST(DataFingerprint, NoticesEveryChange) {
  testing::Database database;
  database.run(
      "CREATE TABLE t (a bigint, b text, c float8, d numeric, e jsonb, f char(5), g bytea, h interval, i text[], j "
      "timestamptz, k int)");
  const char* contents[] = {
      "(1, 'x', 1, 1, '1', 'a', 'a', '1 day', '{a,b}', '2020-01-01', 1), (2, 'y', 2, 2, '2', 'b', 'b', '2 days', "
      "'{c}', '2020-01-02', 2)",
      // values of one column change rows
      "(1, 'y', 1, 1, '1', 'a', 'a', '1 day', '{a,b}', '2020-01-01', 1), (2, 'x', 2, 2, '2', 'b', 'b', '2 days', "
      "'{c}', '2020-01-02', 2)",
      "(1, 'x', 1, 1, '1', 'a', 'a', '1 day', '{a,b}', '2020-01-01', 2), (2, 'y', 2, 2, '2', 'b', 'b', '2 days', "
      "'{c}', '2020-01-02', 1)",
      // a number that another hash of bigint takes for the same: halves folded by XOR
      "(4294967296, 'x')", "(4294967299, 'x')", "(1, 'x')", "(2, 'x')", "(0, 'x')",
      // NULL, empty, blanks, and a value moved to the next column
      "(NULL, '')", "(NULL, NULL)", "(NULL, ' ')",
      // duplicates, also such as cancel out under XOR
      "(1, 'x'), (1, 'x')", "(1, 'x'), (1, 'x'), (1, 'x')", "(1, 'a'), (1, 'a')", "(1, 'b'), (1, 'b')",
      // values that compare equal and are not the same
      "(NULL, NULL, 0.0)", "(NULL, NULL, '-0')", "(NULL, NULL, 1.0000000000000002)", "(NULL, NULL, 1)",
      "(NULL, NULL, 'NaN')", "(NULL, NULL, NULL, 1.0)", "(NULL, NULL, NULL, 1.00)", "(NULL, NULL, NULL, 'NaN')",
      "(NULL, NULL, NULL, NULL, '1.0')", "(NULL, NULL, NULL, NULL, '1.00')", "(NULL, NULL, NULL, NULL, NULL, 'a')",
      "(NULL, NULL, NULL, NULL, NULL, 'b')", "(NULL, NULL, NULL, NULL, NULL, NULL, '\\x00')",
      "(NULL, NULL, NULL, NULL, NULL, NULL, '\\x0000')", "(NULL, NULL, NULL, NULL, NULL, NULL, '\\x01')",
      "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, '1 mon')", "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, '30 days')",
      "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, '720 hours')",
      "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{a,b}')",
      "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{\"a,b\"}')",
      "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[0:1]={a,b}')",
      "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{a,NULL}')",
      "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-01-01 00:00:00+00')",
      "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2020-01-01 00:00:00.000001+00')"};
  auto connection = database.connect();
  std::map<std::string, std::string> seen;
  for (const char* content : contents) {
    ASSERT_TRUE(connection.script(std::string("TRUNCATE t; INSERT INTO t VALUES ") + content)) << content;
    const auto table = read(database).at("public.t");
    const auto [place, is_new] = seen.try_emplace(std::to_string(table.rows) + " " + table.hash, content);
    EXPECT_TRUE(is_new) << content << "\n" << place->second;
  }
}

TEST(DataFingerprint, EveryBitOfAValueCounts) {
  testing::Database database;
  database.run("CREATE TABLE t (a bigint); INSERT INTO t VALUES (0)");
  auto connection = database.connect();
  std::set<std::string> hashes = {read(database).at("public.t").hash};
  for (int bit = 0; bit < 63; ++bit) {
    ASSERT_TRUE(connection.execute("UPDATE t SET a = 1::bigint << $1::int", {bit}));
    EXPECT_TRUE(
        hashes.insert(read(database, {.schemas = {}, .tables = {"public.t"}, .workers = 1}).at("public.t").hash).second)
        << bit;
  }
}

TEST(DataFingerprint, OrderDroppedColumnsAndSettingsDoNotCount) {
  testing::Database a, b;
  const char* type =
      "CREATE TYPE color AS ENUM ('red', 'green'); CREATE TYPE pair AS (x int, y timestamptz); CREATE DOMAIN code AS "
      "varchar(5); ";
  const char* columns =
      "(c color, p pair, d code, at timestamptz, f float8, r tstzrange, g point, t \"char\", x xid, dd code[])";
  a.run(std::string(type) + "CREATE TABLE t " + columns);
  b.run("CREATE TYPE spare AS ENUM ('z');" + std::string(type) +
        "CREATE TABLE t (gone int, c color, p pair, d code, gone2 text, at timestamptz, f float8, r tstzrange, g "
        "point, t \"char\", x xid, dd code[]); "
        "ALTER TABLE t DROP gone, DROP gone2");
  a.run(
      "INSERT INTO t VALUES ('red', '(1,2020-01-01 00:00:00Z)', 'a', '2020-01-01 00:00:00Z', 0.1, "
      "'[2020-01-01Z,2021-01-01Z)', '(0.1,2)', 'q', '7', '{a}'), ('green', NULL, 'b', NULL, 'NaN', NULL, NULL, NULL, "
      "NULL, NULL)");
  b.run(
      "INSERT INTO t VALUES ('green', NULL, 'b', NULL, 'NaN', NULL, NULL, NULL, NULL, NULL), ('red', '(1,2020-01-01 "
      "00:00:00Z)', "
      "'a', '2020-01-01 00:00:00Z', 0.1, '[2020-01-01Z,2021-01-01Z)', '(0.1,2)', 'q', '7', '{a}')");
  b.run("ALTER DATABASE " + b.name() + " SET TimeZone = 'Asia/Kolkata'; ALTER DATABASE " + b.name() +
        " SET DateStyle = 'German'; "
        "ALTER DATABASE " +
        b.name() + " SET extra_float_digits = -5; ALTER DATABASE " + b.name() + " SET bytea_output = 'escape'");
  EXPECT_EQ(read(a), read(b));
}

TEST(DataFingerprint, DomainsOverEveryBuiltInTypeAndItsArrayAreRead) {
  testing::Database database;
  database.run(R"(
    DO $$ DECLARE t record; n int := 0; BEGIN
      FOR t IN SELECT format_type(oid, NULL) AS name FROM pg_type
               WHERE oid < 10000 AND typtype IN ('b', 'r', 'm') AND typnamespace = 'pg_catalog'::regnamespace
                 AND typname !~ '^_?(pg_|cstring)' LOOP
        n := n + 1;
        EXECUTE format('CREATE DOMAIN d%s AS %s; CREATE TABLE t%s (a %s, b d%s)', n, t.name, n, t.name, n);
      END LOOP;
    END $$)");
  const auto data = read(database);
  EXPECT_GT(data.size(), 100U);
}

TEST(DataFingerprint, OneTableInManyRangesIsTheSameAsInOne) {
  testing::Database database;
  database.run(
      "CREATE TABLE w (id bigint, filler text); ALTER TABLE w SET (fillfactor = 10); "
      "INSERT INTO w SELECT i, repeat('x', 600) FROM generate_series(1, 12000) i; DELETE FROM w WHERE id % 7 = 0");
  auto connection = database.connect();
  ASSERT_GT(std::stoll(connection.value("SELECT pg_relation_size('w') / 8192").value()), 2 * 4096)
      << "so small that it is one range";
  const auto in_ranges = read(database, {.schemas = {}, .tables = {}, .workers = 4}).at("public.w");
  EXPECT_EQ(std::to_string(in_ranges.rows), connection.value("SELECT count(*) FROM w").value());
  database.run("CREATE TABLE compact AS SELECT * FROM w ORDER BY id DESC");
  const auto data = read(database);
  EXPECT_EQ(data.at("public.compact"), data.at("public.w"));
  EXPECT_EQ(data.at("public.w"), in_ranges);
}

TEST(DataFingerprint, RowsThatRowLevelSecurityHidesAreAnErrorAndNotASmallerTable) {
  testing::Database database;
  database.run(
      "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); ALTER TABLE t ENABLE ROW LEVEL SECURITY; "
      "CREATE POLICY p ON t USING (a = 1); CREATE ROLE fp_reader; GRANT SELECT ON t TO fp_reader; GRANT USAGE ON "
      "SCHEMA public TO fp_reader");
  const auto refused =
      data_fingerprint({.url = database.url(), .application_name = "test", .settings = {{"role", "fp_reader"}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "public.t");
  EXPECT_THAT(refused.error().hint, ::testing::HasSubstr("BYPASSRLS"));
  database.run(
      "REVOKE ALL ON t FROM fp_reader; REVOKE USAGE ON SCHEMA public FROM fp_reader; ALTER TABLE t DISABLE ROW LEVEL "
      "SECURITY; DROP POLICY p ON t");
  const auto denied =
      data_fingerprint({.url = database.url(), .application_name = "test", .settings = {{"role", "fp_reader"}}});
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().sqlstate, "42501");
  database.run("DROP ROLE fp_reader");
}

TEST(DataFingerprint, ReadsTheSnapshotThatIsGiven) {
  testing::Database database;
  database.run("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
  const auto before = read(database);
  auto holder = database.connect();
  ASSERT_TRUE(holder.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  const auto snapshot = holder.value("SELECT pg_export_snapshot()").value();
  database.run("INSERT INTO t VALUES (2); CREATE SCHEMA segue; CREATE TABLE segue.own (a int)");
  EXPECT_EQ(read(database, {.schemas = {}, .tables = {}, .snapshot = snapshot}), before);
  EXPECT_THAT(read(database), ::testing::Not(::testing::Contains(::testing::Key("segue.own"))));
  EXPECT_THAT(read(database, {.schemas = {}, .tables = {}, .own_schemas = true}),
              ::testing::Contains(::testing::Key("segue.own")));
}

TEST(DataFingerprint, AStopEndsAStatementThatIsUnderWay) {
  testing::Database database;
  database.run("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
  auto holder = database.connect();
  ASSERT_TRUE(holder.script("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE"));
  std::atomic<bool> stop = false;
  std::jthread stopper([&] {
    auto watcher = database.connect();
    while (watcher.value("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass").value() ==
           "0") {
    }
    stop = true;
  });
  const auto ended = data_fingerprint({.url = database.url(), .application_name = "test", .settings = {}},
                                      {.schemas = {}, .tables = {}, .stop = &stop});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, "stopped");
}

TEST(DataFingerprint, ATableThatIsNotThereIsTheUsersError) {
  testing::Database database;
  database.run("CREATE TABLE orders (a int)");
  const auto refused = data_fingerprint({.url = database.url(), .application_name = "test", .settings = {}},
                                        {.schemas = {}, .tables = {"public.order"}, .workers = 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().exit, Exit::usage);
  EXPECT_THAT(refused.error().hint, ::testing::HasSubstr("public.orders"));
}

TEST(DataFingerprint, AColumnThatBearsTheTablesNameIsAColumn) {
  testing::Database a, b;
  a.run("CREATE TABLE t (t int, ctid2 int); INSERT INTO t VALUES (1, 2)");
  b.run("CREATE TABLE t (t int, ctid2 int); INSERT INTO t VALUES (1, 3)");
  EXPECT_NE(read(a), read(b));
}

}  // namespace
}  // namespace segue::catalog
