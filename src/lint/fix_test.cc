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
  EXPECT_EQ(fixed("1_x.sql", "-- +goose Up\nALTER TABLE users ADD COLUMN a int;\nCREATE INDEX i ON users (email);\n"),
            "-- +goose NO TRANSACTION\n-- +goose Up\nSET lock_timeout = '2s';\nALTER TABLE users ADD COLUMN a int;\n"
            "SET lock_timeout = 0;\nCREATE INDEX CONCURRENTLY i ON users (email);\n");
}

// It sends each half as one message, with transaction:false too, and the server makes one transaction of it.
TEST(Fix, DbmateGetsAFileOfItsOwnForWhatLeavesAHalf) {
  const auto changed = fix({}, {{"7_x.sql",
                                 "-- migrate:up\nCREATE TABLE t (id bigint PRIMARY KEY);\n"
                                 "CREATE INDEX i ON users (email);\n-- migrate:down\nDROP TABLE t;\n"}});
  ASSERT_EQ(changed.size(), 2u);
  EXPECT_EQ(changed[0].after,
            "-- migrate:up\nCREATE TABLE t (id bigint PRIMARY KEY);\n-- migrate:down\nDROP TABLE t;\n");
  EXPECT_EQ(changed[1].path, "8_x_concurrently.sql");
  EXPECT_EQ(changed[1].after,
            "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON users (email);\n\n-- migrate:down\n");
}

TEST(Fix, WhatTheRestOfTheFileNeedsStaysInIt) {
  const std::string index = "CREATE UNIQUE INDEX u ON users (email);\n";
  for (const std::string& rest :
       {std::string("ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX \"u\";\n"),
        std::string("INSERT INTO users (email) VALUES ('a') ON CONFLICT (email) DO NOTHING;\n"),
        std::string("COMMENT ON INDEX public.U IS 'a';\n")}) {
    const auto changed = fix({}, {{"000002_x.up.sql", index + rest}});
    for (const FixedFile& file : changed) {
      EXPECT_FALSE(file.is_new) << file.after;
      EXPECT_NE(file.after.find(index), std::string::npos) << file.after;
    }
  }
}

TEST(Fix, WhatIsRefusedInATransactionLeavesIt) {
  EXPECT_EQ(fixed("1_x.sql", "-- +goose Up\nCREATE INDEX CONCURRENTLY i ON users (email);\n"),
            "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY i ON users (email);\n");
  EXPECT_EQ(fixed("1_x.sql", "-- migrate:up\nCREATE INDEX CONCURRENTLY i ON users (email);\n"),
            "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON users (email);\n");
  const auto changed = fix({}, {{"V2__x.sql", "SELECT 1;\nCREATE INDEX CONCURRENTLY i ON users (email);\n"}});
  ASSERT_EQ(changed.size(), 3u);
  EXPECT_EQ(changed[0].after, "SELECT 1;\n");
  EXPECT_EQ(changed[1].after, "CREATE INDEX CONCURRENTLY i ON users (email);\n");
}

// A file behind it would run before it on the way down.
TEST(Fix, TheWayDownGetsNoFileOfItsOwn) {
  const std::string down = "DROP INDEX i;\nDROP INDEX j;\n";
  EXPECT_EQ(fixed("000002_x.down.sql", down), down);
}

TEST(Fix, ManyStatementsAreMendedAtOnce) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "CREATE INDEX i" + std::to_string(i) + " ON t (c" + std::to_string(i) + ");\n";
  const std::string after = fixed("x.sql", text);
  EXPECT_EQ(after.find("CREATE INDEX i"), std::string::npos);
}

}  // namespace
}  // namespace segue::lint
