#include "lint/fix.h"

#include <gtest/gtest.h>

namespace segue::lint {
namespace {

std::string fixed(const std::string& path, const std::string& text, Options options = {}) {
  const auto changed = fix(options, {{path, text}});
  return changed.empty() ? text : changed[0].after;
}

TEST(Fix, KeepsWindowsLineEnds) {
  EXPECT_EQ(fixed("x.sql", "ALTER TABLE users ADD COLUMN a int;\r\nSELECT 1;\r\n"),
            "SET lock_timeout = '2s';\r\nALTER TABLE users ADD COLUMN a int;\r\nSELECT 1;\r\n");
}

TEST(Fix, MarksTheHalfThatItChanges) {
  EXPECT_EQ(fixed("1_x.sql",
                  "-- migrate:up\r\nCREATE TABLE t (id bigint PRIMARY KEY);\r\n-- migrate:down\r\nDROP INDEX i;\r\n"),
            "-- migrate:up\r\nCREATE TABLE t (id bigint PRIMARY KEY);\r\n-- migrate:down transaction:false\r\n"
            "DROP INDEX CONCURRENTLY i;\r\n");
}

TEST(Fix, ATimeoutInATransactionEndsWithIt) {
  EXPECT_EQ(fixed("x.sql", "BEGIN;\nALTER TABLE users ADD COLUMN a int;\nCOMMIT;\n"),
            "BEGIN;\nSET LOCAL lock_timeout = '2s';\nALTER TABLE users ADD COLUMN a int;\nCOMMIT;\n");
}

// Where another change ends the transaction, SET LOCAL would do nothing.
TEST(Fix, ATimeoutIsChosenWhenTheRestIsSettled) {
  EXPECT_EQ(fixed("1_x.sql", "-- migrate:up\nALTER TABLE users ADD COLUMN a int;\nCREATE INDEX i ON users (email);\n"),
            "-- migrate:up transaction:false\nSET lock_timeout = '2s';\nALTER TABLE users ADD COLUMN a int;\n"
            "SET lock_timeout = 0;\nCREATE INDEX CONCURRENTLY i ON users (email);\n");
}

TEST(Fix, ManyStatementsAreMendedAtOnce) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "CREATE INDEX i" + std::to_string(i) + " ON t (c" + std::to_string(i) + ");\n";
  const std::string after = fixed("x.sql", text);
  EXPECT_EQ(after.find("CREATE INDEX i"), std::string::npos);
}

}  // namespace
}  // namespace segue::lint
