#include "sql/expression.h"

#include <gtest/gtest.h>

namespace segue::sql {
namespace {

TEST(Expression, ArrayCastBeforeAndAfterARestore) {
  EXPECT_EQ(
      canonical_expression("((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))"),
      canonical_expression(
          "((status)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))"));
  EXPECT_EQ(canonical_expression("(ARRAY[ARRAY['a', 'b'], ARRAY['c', 'd']])::text[]"),
            canonical_expression("ARRAY[ARRAY[('a')::text, ('b')::text], ARRAY[('c')::text, ('d')::text]]"));
}

TEST(Expression, BlanksAndParenthesesDoNotCount) {
  EXPECT_EQ(canonical_expression("((a > 0))"), canonical_expression("a   >\n0"));
}

TEST(Expression, WhatMeansSomethingElseStaysDifferent) {
  const char* different[] = {"a > 0",
                             "a > 1",
                             "a >= 0",
                             "b > 0",
                             "'a b'",
                             "'a  b'",
                             "x::text",
                             "x::varchar",
                             "x::varchar(3)::text",
                             "x::s.varchar::text",
                             "x::varchar::s.text",
                             "ARRAY['a']",
                             "ARRAY['b']",
                             "(ARRAY['a'])::text[]",
                             "a + (b + c)",
                             "(a + b) + c",
                             "f(a)",
                             "g.f(a)",
                             "NOT a"};
  for (const char* a : different) {
    for (const char* b : different) {
      EXPECT_EQ(a == b, canonical_expression(a) == canonical_expression(b)) << a << " and " << b;
    }
  }
}

TEST(Expression, TheQualifierOfTheOnlyTableDoesNotCount) {
  EXPECT_EQ(canonical_statement("SELECT o.id, count(*) AS n FROM public.orders o WHERE o.id > 1 GROUP BY o.id"),
            canonical_statement("SELECT id, count(*) AS n FROM public.orders o WHERE id > 1 GROUP BY id"));
  EXPECT_NE(canonical_statement("SELECT a.id FROM a, b"), canonical_statement("SELECT b.id FROM a, b"));
  EXPECT_NE(canonical_statement("SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM b WHERE a.id = 1)"),
            canonical_statement("SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM b WHERE id = 1)"));
}

TEST(Expression, WhatTheParserRefusesIsComparedAsTextWithEvenBlanks) {
  EXPECT_EQ(canonical_expression("a ??  'x  y'  !!)"), "a ?? 'x  y' !!)");
  EXPECT_NE(canonical_expression("a ) 'x  y'"), canonical_expression("a ) 'x y'"));
}

TEST(Expression, DeepOnesDoNotEndTheProgram) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "(";
  EXPECT_EQ(canonical_expression(deep), deep);
}

TEST(Expression, OtherForms) {
  EXPECT_EQ(canonical_constraint("CHECK ((a > 0))"), canonical_constraint("CHECK (a>0)"));
  EXPECT_NE(canonical_constraint("CHECK ((a > 0))"), canonical_constraint("CHECK ((a > 1))"));
  EXPECT_NE(canonical_index("USING btree (a)"), canonical_index("USING btree (a DESC)"));
  EXPECT_NE(canonical_arguments("a integer"), canonical_arguments("a integer DEFAULT 1"));
  EXPECT_NE(canonical_body("RETURN 1"), canonical_body("RETURN 2"));
  EXPECT_EQ(canonical_body("BEGIN ATOMIC\n SELECT 1;\nEND"), canonical_body("BEGIN ATOMIC SELECT 1; END"));
  EXPECT_NE(canonical_statement("SELECT a FROM t"), canonical_statement("SELECT b FROM t"));
}

}  // namespace
}  // namespace segue::sql
