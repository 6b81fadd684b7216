#include "sql/undo.h"

#include <gtest/gtest.h>

namespace segue::sql {
namespace {

std::string inverse(const std::string& sql) {
  const Source source(sql);
  const auto made = inverse_of(source.statements().at(0));
  return made ? *made : "none";
}

TEST(Undo, DropsWhatWasMade) {
  EXPECT_EQ(inverse("CREATE TABLE \"Sales\".orders (id int)"), "DROP TABLE \"Sales\".orders");
  EXPECT_EQ(inverse("CREATE INDEX CONCURRENTLY i ON s.t (a)"), "DROP INDEX CONCURRENTLY s.i");
  EXPECT_EQ(inverse("CREATE TYPE mood AS ENUM ('a')"), "DROP TYPE mood");
  EXPECT_EQ(inverse("CREATE FUNCTION f(a int, OUT b text, c numeric(3, 2) DEFAULT 1) LANGUAGE sql AS ''"),
            "DROP FUNCTION f(int, numeric(3, 2))");
  EXPECT_EQ(inverse("CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()"), "DROP TRIGGER g ON t");
  EXPECT_EQ(inverse("CREATE POLICY \"see own\" ON t USING (true)"), "DROP POLICY \"see own\" ON t");
}

TEST(Undo, TakesAlterTableBackFromTheEnd) {
  EXPECT_EQ(inverse("ALTER TABLE t ADD COLUMN a int, ADD CONSTRAINT c CHECK (a > 0)"),
            "ALTER TABLE t DROP CONSTRAINT c, DROP COLUMN a");
  EXPECT_EQ(inverse("ALTER TABLE t ADD COLUMN a int, DROP COLUMN b"), "none");
  EXPECT_EQ(inverse("ALTER TABLE t VALIDATE CONSTRAINT c"), "");
  EXPECT_EQ(inverse("ALTER TABLE t ADD UNIQUE (a)"), "none");
}

TEST(Undo, NeverTakesAwayWhatWasThereBefore) {
  EXPECT_EQ(inverse("CREATE TABLE IF NOT EXISTS t (id int)"), "none");
  EXPECT_EQ(inverse("ALTER TABLE t ADD COLUMN IF NOT EXISTS a int"), "none");
  EXPECT_EQ(inverse("CREATE OR REPLACE VIEW v AS SELECT 1"), "none");
  EXPECT_EQ(inverse("ALTER TABLE t ENABLE ROW LEVEL SECURITY"), "none");
  const Source source("CREATE TABLE IF NOT EXISTS t (id int)");
  const auto made = conditional_inverse_of(source.statements()[0]);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->only_if, "SELECT to_regclass('t') IS NULL");
}

TEST(Undo, ChangesNamesRound) {
  EXPECT_EQ(inverse("ALTER TABLE s.deals RENAME TO opportunities"), "ALTER TABLE s.opportunities RENAME TO deals");
  EXPECT_EQ(inverse("ALTER TABLE t RENAME COLUMN a TO b"), "ALTER TABLE t RENAME COLUMN b TO a");
}

}  // namespace
}  // namespace segue::sql
