#include "sql/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#endif

namespace segue::sql {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

QualifiedName n(std::string name) {
  return {"", std::move(name)};
}
QualifiedName n(std::string schema, std::string name) {
  return {std::move(schema), std::move(name)};
}

TEST(References, RelationsOfAQuery) {
  const auto found =
      references_of_sql("SELECT 1 FROM public.orders o JOIN \"Tä\"\"b\" USING (id), (SELECT * FROM c) x");
  EXPECT_THAT(found.relations, ElementsAre(n("Tä\"b"), n("c"), n("public", "orders")));
}

TEST(References, AliasesLeadToTheirTables) {
  const auto found =
      references_of_sql("SELECT o.total FROM public.orders o WHERE EXISTS (SELECT FROM c WHERE c.id = o.cid)");
  EXPECT_THAT(found.columns, ElementsAre(ColumnName{n("c"), "id"}, ColumnName{n("public", "orders"), "cid"},
                                         ColumnName{n("public", "orders"), "total"}));
}

TEST(References, ACommonTableIsNoRelation) {
  const auto found =
      references_of_sql("WITH a AS (SELECT * FROM a), b AS (SELECT * FROM a) SELECT * FROM b JOIN c ON true");
  EXPECT_THAT(found.relations, ElementsAre(n("a"), n("c")));
  const auto recursive = references_of_sql("WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT * FROM a) SELECT * FROM a");
  EXPECT_THAT(recursive.relations, IsEmpty());
}

TEST(References, WrittenColumnsBelongToTheTarget) {
  const auto insert =
      references_of_sql("INSERT INTO t (a) SELECT x AS alias FROM s ON CONFLICT (k) DO UPDATE SET b = excluded.b");
  for (const char* column : {"a", "k", "b"}) EXPECT_THAT(insert.columns, Contains(ColumnName{n("t"), column}));
  EXPECT_THAT(insert.columns, Not(Contains(ColumnName{n("t"), "alias"})));
  EXPECT_THAT(references_of_sql("UPDATE t u SET c = 1").columns, Contains(ColumnName{n("t"), "c"}));
  EXPECT_THAT(
      references_of_sql("MERGE INTO t USING s ON t.i = s.i WHEN MATCHED THEN UPDATE SET d = s.e").columns,
      ElementsAre(ColumnName{n("s"), "e"}, ColumnName{n("s"), "i"}, ColumnName{n("t"), "d"}, ColumnName{n("t"), "i"}));
}

TEST(References, FunctionsAndTypes) {
  const auto found = references_of_sql("SELECT public.f(1), g(x)::public.amount FROM t");
  EXPECT_THAT(found.functions, ElementsAre(n("g"), n("public", "f")));
  EXPECT_THAT(found.types, ElementsAre(n("public", "amount")));
}

TEST(References, NamesInTextConstants) {
  EXPECT_THAT(references_of_sql("SELECT nextval('public.s')").relations, Contains(n("public", "s")));
  EXPECT_THAT(references_of_sql("SELECT 'orders'::regclass").relations, Contains(n("orders")));
  EXPECT_THAT(references_of_sql("SELECT 'orders'").relations, IsEmpty());
}

TEST(References, OtherStatements) {
  EXPECT_THAT(references_of_sql("TRUNCATE a, b; LOCK TABLE c").relations, ElementsAre(n("a"), n("b"), n("c")));
  EXPECT_THAT(references_of_sql("DROP TABLE public.t").relations, ElementsAre(n("public", "t")));
  EXPECT_THAT(references_of_sql("ALTER TABLE t DROP COLUMN x").columns, ElementsAre(ColumnName{{}, "x"}));
}

TEST(References, WhatDoesNotParseIsReadByItsWords) {
  const auto found = references_of_sql("SELECT FROM WHERE orders.total -- hidden");
  EXPECT_THAT(found.relations, Contains(n("orders")));
  EXPECT_THAT(found.columns, Contains(ColumnName{{}, "total"}));
  EXPECT_THAT(found.relations, Not(Contains(n("hidden"))));
}

References plpgsql(const std::string& declare, const std::string& body, const std::string& returns = "void") {
  return references_of_function("CREATE FUNCTION f(a int) RETURNS " + returns + " LANGUAGE plpgsql AS $_$ DECLARE " +
                                    declare + " BEGIN\n" + body + "\nEND $_$",
                                "plpgsql");
}

TEST(References, PlpgsqlStatementsAndDeclarations) {
  const auto found =
      plpgsql("v t1%ROWTYPE; w t2.c%TYPE := (SELECT 1 FROM t3);",
              "a := a + g(a); PERFORM 1 FROM t4; FOR v IN SELECT * FROM t5 LOOP DELETE FROM t6; END LOOP;");
  for (const char* name : {"t1", "t2", "t3", "t4", "t5", "t6"}) EXPECT_THAT(found.relations, Contains(n(name)));
  EXPECT_THAT(found.functions, Contains(n("g")));
  EXPECT_THAT(found.columns, Contains(ColumnName{{}, "c"}));
  EXPECT_THAT(found.opaque, IsEmpty());
}

TEST(References, ExecuteIsOpaqueAndItsTextIsReadByItsWords) {
  const auto found = plpgsql("", "EXECUTE 'DROP TABLE ' || 'orders';");
  EXPECT_THAT(found.opaque, ElementsAre("EXECUTE in line 2"));
  EXPECT_THAT(found.relations, Contains(n("orders")));
}

// libpg_query does not know the types of variables, so it refuses bodies that the server takes.
TEST(References, BodiesThatTheParserRefusesLoseNothing) {
#if __has_feature(address_sanitizer)
  // libpg_query 15-4.0.0 forgets one byte for each body that it refuses; nothing outside of it can give that back.
  const __lsan::ScopedDisabler of_the_parser;
#endif
  const auto found =
      plpgsql("c refcursor; r orders;", "OPEN c FOR EXECUTE 'x';\n r.total := NEW.vat;\n UPDATE bills SET n = 1;");
  EXPECT_THAT(found.opaque, ElementsAre("EXECUTE in line 2"));
  EXPECT_THAT(found.relations, Contains(n("bills")));
  EXPECT_THAT(found.types, Contains(n("orders")));
  EXPECT_THAT(found.columns, Contains(ColumnName{{}, "total"}));
  EXPECT_THAT(found.columns, Contains(ColumnName{{}, "vat"}));
}

TEST(References, TriggerFunctionsNameFields) {
  const auto found = plpgsql("", "NEW.total := OLD.vat + 1; RETURN NEW;", "trigger");
  EXPECT_THAT(found.columns, Contains(ColumnName{{}, "total"}));
  EXPECT_THAT(found.columns, Contains(ColumnName{{}, "vat"}));
}

TEST(References, SqlFunctionsInBothForms) {
  const auto quoted =
      references_of_function("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT a FROM t; SELECT 1'", "sql");
  EXPECT_THAT(quoted.relations, Contains(n("t")));
  const auto standard = references_of_function(
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a FROM u; SELECT 1; END", "sql");
  EXPECT_THAT(standard.relations, Contains(n("u")));
}

TEST(References, OtherLanguagesAreOpaque) {
  const auto found = references_of_function(
      "CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS 'plpy.execute(\"t9\")'", "plpython3u");
  EXPECT_THAT(found.opaque, ElementsAre("written in plpython3u"));
}

}  // namespace
}  // namespace segue::sql
