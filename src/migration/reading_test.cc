// Files beside a migration: which are read, and which are not.
#include "migration/reading.h"

#include <gtest/gtest.h>

#include "migration/read.h"
#include "migration/testing.h"

namespace segue::migration {
namespace {

namespace fs = std::filesystem;

std::string problems_of(const std::string& file, const TemporaryFolder& folder) {
  const auto read = read_migration_text("migration: a\nmoves:\n  - sql: " + file + "\n", folder.path() / "m");
  return read ? std::string() : read.error().at(0).code;
}

TEST(Files, below_the_folder_are_read) {
  const TemporaryFolder folder;
  folder.write("m/sql/a.sql", "SELECT 1;");
  EXPECT_EQ(problems_of("sql/a.sql", folder), "");
  EXPECT_EQ(problems_of("./sql/../sql/a.sql", folder), "");
}

TEST(Files, elsewhere_are_not) {
  const TemporaryFolder folder;
  folder.write("secret.sql", "SELECT 1;");
  folder.write("m/a.sql", "SELECT 1;");
  fs::create_symlink(folder.path() / "secret.sql", folder.path() / "m/link.sql");
  fs::create_directory_symlink(folder.path(), folder.path() / "m/up");
  fs::create_directory(folder.path() / "m/folder.sql");
  EXPECT_EQ(problems_of("../secret.sql", folder), "leads-out");
  EXPECT_EQ(problems_of("link.sql", folder), "leads-out");
  EXPECT_EQ(problems_of("up/secret.sql", folder), "leads-out");
  EXPECT_EQ(problems_of((folder.path() / "m/a.sql").string(), folder), "leads-out");
  EXPECT_EQ(problems_of("folder.sql", folder), "not-a-file");
  EXPECT_EQ(problems_of("none.sql", folder), "no-file");
}

TEST(Files, that_are_no_text_are_told) {
  const TemporaryFolder folder;
  folder.write("m/a.sql", "SELECT 1;\nSELECT '\xFF';");
  const auto read = read_migration_text("migration: a\nmoves: [{ sql: a.sql }]\n", folder.path() / "m");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().at(0).code, "not-utf8");
  EXPECT_EQ(read.error().at(0).at.line, 2);
  EXPECT_EQ(read.error().at(0).at.column, 9);
}

TEST(Files, used_twice_are_read_once) {
  const TemporaryFolder folder;
  folder.write("m/a.sql", "SELECT ${SELECT 1};");
  const auto read = read_migration_text("migration: a\nmoves: [{ sql: a.sql }, { sql: a.sql }]\n", folder.path() / "m");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sources.size(), 2u);
  EXPECT_EQ(read->placeholders.size(), 1u);
}

}  // namespace
}  // namespace segue::migration
