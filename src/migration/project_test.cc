#include "migration/project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "migration/testing.h"

namespace segue::migration {
namespace {

namespace fs = std::filesystem;

class ProjectFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("segue.yaml", "database: ${SEGUE_TEST_URL}\n");
    add("0001_first_step", "first-step");
    add("0002_multi_client", "multi-client");
    add("0003_multi_region", "multi-region");
    add("0010_other_name", "called-otherwise");
  }

  void add(const std::string& name, const std::string& migration) const {
    folder_.write("migrations/" + name + "/migration.yaml",
                  "migration: " + migration + "\nmoves: [{ sql: SELECT 1 }]\n");
  }

  std::string found(std::string_view name) const {
    const auto listed = find_migration(folder_.path(), name);
    return listed ? listed->folder_name : listed.error().message + " | " + listed.error().hint;
  }

  TemporaryFolder folder_;
};

TEST_F(ProjectFolder, is_found_from_below) {
  EXPECT_EQ(find_project(folder_.path() / "migrations/0001_first_step"), folder_.path());
  EXPECT_EQ(find_project(folder_.path()), folder_.path());
  EXPECT_FALSE(find_project("/"));
}

TEST_F(ProjectFolder, lists_in_order_and_leaves_the_rest_out) {
  folder_.write("migrations/README.md", "x");
  folder_.write("migrations/0004_empty/notes.txt", "x");
  folder_.write("migrations/nonumber/migration.yaml", "migration: x\n");
  folder_.write("migrations/0005_broken/migration.yaml", "migration: [\n");
  const auto all = list_migrations(folder_.path());
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].number, 1);
  EXPECT_EQ(all[0].name, "first-step");
  EXPECT_EQ(all[3].name, "broken");
  EXPECT_EQ(all[4].number, 10);
  EXPECT_EQ(all[4].name, "called-otherwise");
}

TEST_F(ProjectFolder, names_that_are_taken) {
  EXPECT_EQ(found("multi-client"), "0002_multi_client");
  EXPECT_EQ(found("0002_multi_client"), "0002_multi_client");
  EXPECT_EQ(found("migrations/0002_multi_client/"), "0002_multi_client");
  EXPECT_EQ(found("called"), "0010_other_name");
  EXPECT_EQ(found("0010"), "0010_other_name");
  EXPECT_EQ(found("multi-c"), "0002_multi_client");
}

TEST_F(ProjectFolder, names_that_are_not) {
  EXPECT_EQ(found("multi"),
            "`multi` could be 2 migrations: multi-client (0002_multi_client), multi-region (0003_multi_region) | write "
            "more of the name");
  EXPECT_EQ(found("mutli-client"), "there is no migration `mutli-client` | did you mean `multi-client`?");
  EXPECT_NE(found("zzz").find("there are: first-step (0001_first_step)"), std::string::npos);
  EXPECT_NE(found("").find("which migration? There are 4:"), std::string::npos);
  EXPECT_NE(found("/").find("there is no migration"), std::string::npos);
}

TEST(FindMigration, the_only_one_needs_no_name) {
  const TemporaryFolder folder;
  EXPECT_EQ(find_migration(folder.path(), "").error().exit, Exit::usage);
  folder.write("migrations/0001_a/migration.yaml", "migration: a\n");
  EXPECT_EQ(find_migration(folder.path(), "")->name, "a");
}

TEST_F(ProjectFolder, takes_the_database_from_the_environment) {
  const auto project = read_project(folder_.path());
  ASSERT_TRUE(project);
  unsetenv("SEGUE_TEST_URL");
  const auto missing = database_url(*project);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "the environment variable SEGUE_TEST_URL is not set");
  EXPECT_TRUE(missing.error().where.ends_with("segue.yaml:1:11"));
  EXPECT_EQ(missing.error().exit, Exit::usage);
  setenv("SEGUE_TEST_URL", "postgresql://u:secret@h/d", 1);
  EXPECT_EQ(*database_url(*project), "postgresql://u:secret@h/d");
  unsetenv("SEGUE_TEST_URL");
}

TEST(Project, is_read_whole) {
  const TemporaryFolder folder;
  const auto project = read_project_text(
      "database: postgresql://${A}@h/${B}\nproduction: true\n"
      "environments: { staging: postgresql://s/d, copy: { database: postgresql://c/d, production: true } }\n"
      "lint: { severities: { rename-column: warning, drop-table: off }, postgres: 15, in_transaction: false,\n"
      "        fail_on: error, exclude: [old/*.sql] }\n"
      "notify: { mail: { to: [a@example.org], tls: true } }\ncontacts: [a@example.org]\n",
      folder.path());
  ASSERT_TRUE(project) << to_text(project.error());
  EXPECT_TRUE(project->production.value);
  ASSERT_EQ(project->environments.size(), 2u);
  EXPECT_TRUE(project->environments[1].production.value);
  EXPECT_EQ(*database_url(*project, "copy"), "postgresql://c/d");
  EXPECT_EQ(database_url(*project, "stagin").error().hint, "did you mean `staging`?");
  EXPECT_EQ(project->notify.dump(), R"({"mail":{"to":["a@example.org"],"tls":true}})");
  setenv("A", "user", 1);
  setenv("B", "db", 1);
  EXPECT_EQ(*database_url(*project), "postgresql://user@h/db");
}

TEST(Project, empty_is_fine_and_wrong_is_told) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_project_text("", folder.path()));
  EXPECT_TRUE(read_project_text("# nothing yet\n", folder.path()));
  const auto bad =
      read_project_text("databse: x\nproduction: maybe\nlint: { postgres: 3, severites: { a: off } }\n", folder.path());
  ASSERT_FALSE(bad);
  EXPECT_EQ(folder.without_path(to_text(bad.error())),
            "segue.yaml:1:1: unknown key `databse` in segue.yaml\n  hint: did you mean `database`?\n"
            "segue.yaml:2:13: `production` is `maybe`: it must be true or false\n  hint: write true or false\n"
            "segue.yaml:3:19: `postgres` is `3`: no such version\n  hint: write one of 12 to 18, such as 15\n"
            "segue.yaml:3:22: unknown key `severites` in lint\n  hint: did you mean `severities`?\n");
}

}  // namespace
}  // namespace segue::migration
