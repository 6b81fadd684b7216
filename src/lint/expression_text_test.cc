#include <gtest/gtest.h>

#include "lint/replay.h"

namespace segue::lint {
namespace {

// The default of a column, followed by what does not belong to it.
std::string text_of_default(const std::string& expression) {
  const std::string text = "ALTER TABLE t ADD COLUMN c int DEFAULT " + expression + " NOT NULL, ADD COLUMN d int;";
  const sql::Source source(text);
  for (const sql::Node each : source.statements().at(0).tree["cmds"].at(0)["def"]["constraints"]) {
    if (each["contype"].text() == "CONSTR_DEFAULT") return expression_text(each["raw_expr"], text);
  }
  return "none";
}

std::string text_of_check(const std::string& condition) {
  const std::string text = "ALTER TABLE t ADD CHECK (" + condition + ") NOT VALID;";
  const sql::Source source(text);
  return expression_text(source.statements().at(0).tree["cmds"].at(0)["def"]["raw_expr"], text);
}

TEST(ExpressionText, DefaultsEndWhereTheyEnd) {
  EXPECT_EQ(text_of_default("1"), "1");
  EXPECT_EQ(text_of_default("-1"), "-1");
  EXPECT_EQ(text_of_default("now()"), "now()");
  EXPECT_EQ(text_of_default("auth.uid()"), "auth.uid()");
  EXPECT_EQ(text_of_default("'x'::pg_catalog.text"), "'x' :: pg_catalog.text");
  EXPECT_EQ(text_of_default("'{}'::text[]"), "'{}' :: text[]");
  EXPECT_EQ(text_of_default("ARRAY[1, 2]"), "ARRAY[1, 2]");
  EXPECT_EQ(text_of_default("'1'::numeric(10, 2)"), "'1' :: numeric(10, 2)");
  EXPECT_EQ(text_of_default("'1'::double precision"), "'1' :: double precision");
  EXPECT_EQ(text_of_default("'a'::character varying(3)"), "'a' :: character varying(3)");
  EXPECT_EQ(text_of_default("now()::timestamp with time zone"), "now() :: timestamp with time zone");
  EXPECT_EQ(text_of_default("now()::timestamp(3) without time zone"), "now() :: timestamp(3) without time zone");
  EXPECT_EQ(text_of_default("(CASE WHEN true THEN 1 ELSE 2 END)"), "CASE WHEN true THEN 1 ELSE 2 END");
}

TEST(ExpressionText, ParenthesesStayInPairs) {
  EXPECT_EQ(text_of_check("a > 0"), "a > 0");
  EXPECT_EQ(text_of_check("a>-1"), "a > -1");
  EXPECT_EQ(text_of_check("a > - 1"), "a > -1");
  EXPECT_EQ(text_of_check("(a > 0) OR (b > 0)"), "(a > 0) OR (b > 0)");
  EXPECT_EQ(text_of_check("((a > 0) AND (b > 0)) OR c"), "((a > 0) AND (b > 0)) OR c");
  EXPECT_EQ(text_of_check("((a > 0))"), "a > 0");
  EXPECT_EQ(text_of_check("(a + b) * (c - 1) > 0"), "(a + b) * (c - 1) > 0");
  EXPECT_EQ(text_of_check("a IN ('x', 'y')"), "a IN ('x', 'y')");
  EXPECT_EQ(text_of_check("(a)[1] = 2"), "(a)[1] = 2");
}

TEST(ExpressionText, WordsBehindTheLastNodeBelongToIt) {
  EXPECT_EQ(text_of_check("a IS NULL"), "a IS NULL");
  EXPECT_EQ(text_of_check("(a) IS NOT NULL"), "(a) IS NOT NULL");
  EXPECT_EQ(text_of_check("(a > 0) IS NOT TRUE"), "(a > 0) IS NOT TRUE");
  EXPECT_EQ(text_of_check("a = 'x' COLLATE \"C\""), "a = 'x' COLLATE \"C\"");
  EXPECT_EQ(text_of_check("CASE WHEN a THEN b ELSE c END"), "CASE WHEN a THEN b ELSE c END");
}

}  // namespace
}  // namespace segue::lint
