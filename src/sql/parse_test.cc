#include "sql/parse.h"

#include <gtest/gtest.h>

#include "sql/facts.h"

namespace segue::sql {
namespace {

// The parser's JSON has neither.
TEST(Parse, NegativeNumbersAreNotZero) {
  const Source source("SELECT 0;\nSELECT - 1, -0, 7;");
  const auto number = [&](std::size_t statement, std::size_t column) {
    return source.statements().at(statement).tree["targetList"].at(column)["val"]["ival"]["ival"].number();
  };
  EXPECT_EQ(number(0, 0), 0);
  EXPECT_EQ(number(1, 0), -1);
  EXPECT_EQ(number(1, 1), 0);
  EXPECT_EQ(number(1, 2), 7);
}

std::vector<std::string> texts(const Source& source) {
  std::vector<std::string> made;
  for (const Statement& statement : source.statements()) made.emplace_back(statement.text);
  return made;
}

TEST(Parse, SplitsAsPsqlDoes) {
  const Source source(
      "-- first\nSELECT 1; /* a ; b */ SELECT ';' ;\nCREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);\n"
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;\n"
      "DO $x$ BEGIN NULL; END $x$");
  EXPECT_EQ(source.statements().size(), 5u);
  EXPECT_EQ(texts(source)[1], "SELECT ';'");
  for (const Statement& statement : source.statements()) EXPECT_FALSE(statement.error) << statement.error->message;
}

TEST(Parse, PsqlLinesVariablesAndRowsAreNoSql) {
  const Source source(
      "\\restrict abcDEF\nSET x = 1;\nCOPY t (a) FROM stdin;\n1\n'; DROP\n\\.\n\\unrestrict abcDEF\n"
      "SELECT :n, :'s', a::int FROM :\"t\" WHERE x = :n \\gset\nSELECT * FROM :schema.t;");
  ASSERT_EQ(source.statements().size(), 4u);
  for (const Statement& statement : source.statements()) EXPECT_FALSE(statement.error) << statement.text;
  EXPECT_EQ(source.statements()[2].text, "SELECT :n, :'s', a::int FROM :\"t\" WHERE x = :n");
}

TEST(Parse, OneWrongStatementCostsOnlyItself) {
  const Source source("SELECT 1;\nCREATE TABLE t (a int, UNIQUE (a) WHERE a > 0);\nSELECT 2;");
  ASSERT_EQ(source.statements().size(), 3u);
  EXPECT_TRUE(source.statements()[0].tree);
  ASSERT_TRUE(source.statements()[1].error);
  EXPECT_EQ(source.text().substr(source.statements()[1].error->byte, 5), "WHERE");
  EXPECT_TRUE(source.statements()[2].tree);
}

TEST(Parse, PositionsCountCharacters) {
  const Source source("SELECT 'äöü', x y z;");
  ASSERT_TRUE(source.statements()[0].error);
  const Position position = source.script().position(source.statements()[0].error->byte);
  EXPECT_EQ(position.line, 1);
  EXPECT_EQ(position.column, 19);
}

TEST(Parse, LocationsAreThoseOfTheFileAlsoAfterAnError) {
  const Source source("SELEC 1;\nALTER TABLE orders ADD COLUMN total int;");
  const Node tree = source.statements()[1].tree;
  ASSERT_TRUE(tree);
  EXPECT_EQ(source.text().substr(tree["relation"].location(), 6), "orders");
}

TEST(Parse, RubbishEndsInErrors) {
  Source(std::string(1 << 20, '('));
  Source(std::string(20000, '(') + "1" + std::string(20000, ')'));
  Source("SELECT " + std::string(20000, '(') + "1" + std::string(20000, ')') + ";");
  Source(std::string(1 << 20, '\0'));
  Source(std::string("SELECT '\xff\xfe';") + '\0' + " DROP TABLE x");
  Source(std::string(1 << 20, '\''));
  std::string sum = "SELECT 1";
  for (int i = 0; i < 300000; ++i) sum += "+1";
  const Source deep(sum);
  EXPECT_TRUE(deep.statements()[0].error);
  std::string nested;
  for (int i = 0; i < 4000; ++i) nested += "(SELECT ";
  Source("SELECT " + nested + "1" + std::string(4000, ')'));
}

TEST(Parse, ABareVariableMayBeAName) {
  const Source source("DROP TABLE :name;\nSELECT a[1:n] FROM t;");
  EXPECT_FALSE(source.statements()[0].error);
  EXPECT_FALSE(source.statements()[1].error);
}

}  // namespace
}  // namespace segue::sql
