#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "migration/read.h"
#include "migration/testing.h"

namespace segue::migration {
namespace {

using testing::ElementsAre;

tl::expected<std::vector<Check>, Problems> read_checks(std::string_view file) {
  const TemporaryFolder folder;
  folder.write("checks.sql", file);
  const auto read =
      read_migration_text("migration: a\nmoves: [{ sql: SELECT 1 }]\nchecks: checks.sql\n", folder.path());
  if (!read) return tl::unexpected(read.error());
  return read->checks;
}

std::vector<Check> good(std::string_view file) {
  const auto checks = read_checks(file);
  EXPECT_TRUE(checks) << to_text(checks.error());
  return checks ? *checks : std::vector<Check>();
}

TEST(CheckFile, heads_and_queries) {
  const auto checks = good(
      "-- The checks of phase 1\n\n"
      "-- check: clients exists · after: expand · expect: 1\n"
      "SELECT count(*)\n  FROM information_schema.tables\n  WHERE table_name = 'ü';\n\n"
      "-- check: no user without a client · after: [backfill, enforce] · before: switch · no_rows\n"
      "SELECT id FROM users -- all of them\n WHERE client_id IS NULL;\n"
      "-- check: kept · after: each · unchanged · severity: warning\n"
      "SELECT count(*) FROM users\n"
      "-- check: gone again · after_rollback: expand · expect: [client_id, YES, null]\n"
      "SELECT 1");
  ASSERT_EQ(checks.size(), 4u);
  EXPECT_EQ(checks[0].name.value, "clients exists");
  EXPECT_EQ(checks[0].name.at.line, 3);
  EXPECT_EQ(checks[0].name.at.column, 11);
  EXPECT_EQ(checks[0].query.value, "SELECT count(*)\n  FROM information_schema.tables\n  WHERE table_name = 'ü'");
  const auto at = position_in(checks[0].query, checks[0].query.value.find("ü"));
  EXPECT_EQ(at.line, 6);
  EXPECT_EQ(at.column, 23);
  EXPECT_TRUE(at.file.ends_with("checks.sql"));
  EXPECT_EQ(checks[0].expect.values.at(0).text.value, "1");
  EXPECT_THAT(checks[1].when, ElementsAre(Boundary{Boundary::Side::before, Phase::switch_over},
                                          Boundary{Boundary::Side::after, Phase::backfill},
                                          Boundary{Boundary::Side::after, Phase::enforce}));
  EXPECT_EQ(checks[1].kind, CheckKind::no_rows);
  EXPECT_EQ(checks[1].query.value, "SELECT id FROM users -- all of them\n WHERE client_id IS NULL");
  EXPECT_EQ(checks[2].kind, CheckKind::unchanged);
  EXPECT_EQ(checks[2].severity.value, Severity::warning);
  EXPECT_EQ(checks[2].when.size(), 8u);
  EXPECT_THAT(checks[3].when, ElementsAre(Boundary{Boundary::Side::after_rollback, Phase::expand}));
  ASSERT_EQ(checks[3].expect.values.size(), 3u);
  EXPECT_TRUE(checks[3].expect.values[2].is_null);
}

TEST(CheckFile, bars_and_commas_part_too) {
  const auto checks = good(
      "--check: one, two | three | after: [expand, backfill], expect: {min: 1, max: 3}\nSELECT 1;\n"
      "-- check: four | no_rows | after: expand\nSELECT 1\n"
      "-- check: five, after: expand, same_as: SELECT a || b, c FROM t WHERE d = e::text | severity: warning\nSELECT "
      "2;;\n");
  ASSERT_EQ(checks.size(), 3u);
  EXPECT_EQ(checks[0].name.value, "one, two | three");
  EXPECT_EQ(checks[0].when.size(), 2u);
  EXPECT_TRUE(checks[0].expect.is_range);
  EXPECT_EQ(checks[1].kind, CheckKind::no_rows);
  EXPECT_EQ(checks[2].same_as.value, "SELECT a || b, c FROM t WHERE d = e::text");
  EXPECT_EQ(checks[2].query.value, "SELECT 2");
  EXPECT_EQ(checks[2].severity.value, Severity::warning);
}

TEST(CheckFile, windows_line_ends_and_a_query_in_the_head) {
  const auto checks = good(
      "-- check: a · after: expand · no_rows: SELECT 1 WHERE false\r\n"
      "-- check: b · after: expand · expect: \"null\"\r\nSELECT 1\r\n  + 1;\r\n");
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_EQ(checks[0].query.value, "SELECT 1 WHERE false");
  EXPECT_EQ(checks[1].expect.values.at(0).text.value, "null");
  EXPECT_FALSE(checks[1].expect.values.at(0).is_null);
  EXPECT_EQ(checks[1].query.value, "SELECT 1\n  + 1");
  EXPECT_EQ(position_in(checks[1].query, 11).line, 4);
}

}  // namespace
}  // namespace segue::migration
