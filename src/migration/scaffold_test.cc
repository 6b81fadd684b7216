#include "migration/scaffold.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "migration/project.h"
#include "migration/read.h"
#include "migration/testing.h"

namespace segue::migration {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream input(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
}

TEST(Scaffold, a_project_and_its_first_migrations_read_well) {
  const TemporaryFolder folder;
  const auto written = write_project(folder.path() / "app");
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->size(), 3u);
  const auto home = folder.path() / "app";
  EXPECT_TRUE(fs::is_directory(home / "migrations"));
  const auto project = read_project(home);
  ASSERT_TRUE(project) << to_text(project.error());
  EXPECT_TRUE(parse_json(content_of(home / "migration.schema.json"), ""));

  const auto first = write_migration(home, "multi-client");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(fs::exists(home / "migrations/0001_multi_client/migration.yaml"));
  const auto migration = read_migration(home / "migrations/0001_multi_client");
  ASSERT_TRUE(migration) << to_text(migration.error());
  EXPECT_EQ(migration->name.value, "multi-client");

  fs::create_directories(home / "migrations/0041_by_hand");
  ASSERT_TRUE(write_migration(home, "next"));
  EXPECT_TRUE(fs::exists(home / "migrations/0042_next/next.sql"));
}

// What stands in comments is taken for true as well.
TEST(Scaffold, commented_examples_are_right) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_migration(folder.path(), "a"));
  const auto text = content_of(folder.path() / "migrations/0001_a/migration.yaml");
  std::string opened;
  std::istringstream lines(text);
  bool in_example = false;
  for (std::string line; std::getline(lines, line);) {
    const bool key = line.starts_with("# ") && line.find(": ") != std::string::npos &&
                     line.find_first_of("`$") == std::string::npos && line[2] >= 'a' && line[2] <= 'z' &&
                     line.find(' ', 2) > line.find(':');
    const bool head = line.starts_with("# ") && line.ends_with(':') && line.find(' ', 2) == std::string::npos;
    in_example = head || key || (in_example && line.starts_with("#   "));
    if (line.starts_with("  # - ") || line.starts_with("  #     ")) line.erase(2, 2);
    opened += (in_example ? line.substr(2) : line) + "\n";
  }
  EXPECT_NE(opened.find("\ngates:"), std::string::npos) << opened;
  const auto migration = read_migration_text(opened, folder.path() / "migrations/0001_a");
  ASSERT_TRUE(migration) << to_text(migration.error()) << opened;
  EXPECT_EQ(migration->moves.size(), 2u);
  EXPECT_EQ(migration->checks.size(), 1u);
  EXPECT_EQ(migration->probes.size(), 1u);
  EXPECT_EQ(migration->viewpoints.size(), 1u);
  EXPECT_EQ(migration->gates.size(), 2u);
}

TEST(Scaffold, overwrites_nothing) {
  const TemporaryFolder folder;
  folder.write("segue.yaml", "database: mine\n");
  const auto again = write_project(folder.path());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().exit, Exit::usage);
  EXPECT_EQ(content_of(folder.path() / "segue.yaml"), "database: mine\n");
  ASSERT_TRUE(write_migration(folder.path(), "a"));
  const auto taken = write_migration(folder.path(), "a");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().message, "there is a migration `a` already, in 0001_a");
}

TEST(Scaffold, refuses_unsafe_names) {
  const TemporaryFolder folder;
  for (const auto* bad : {"", "../x", "A", "a b", "-x", "ü"}) {
    const auto refused = write_migration(folder.path(), bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().exit, Exit::usage);
  }
  EXPECT_FALSE(fs::exists(folder.path() / "migrations"));
}

}  // namespace
}  // namespace segue::migration
