#include "backup/restore.h"

#include <fstream>

#include "backup/list.h"
#include "backup/take_tables.h"
#include "backup/test_help.h"

namespace segue::backup {
namespace {

using ::testing::HasSubstr;

class RestoreBackup : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_tools()) GTEST_SKIP() << "no pg_dump that is new enough for this server";
  }
  Taken taken() {
    auto outcome = take(request_for(source_.url(), backups_));
    if (!outcome) throw std::runtime_error(to_text(outcome.error()));
    return *std::move(outcome);
  }
  RestoreRequest into(const testing::Database& database, const std::string& folder) {
    RestoreRequest request;
    request.folder = folder;
    request.url = database.url();
    return request;
  }

  testing::Database source_, target_;
  TemporaryBackups backups_;
};

constexpr const char* kSome = R"(
  CREATE TYPE mood AS ENUM ('well', 'ill'); CREATE DOMAIN code AS text CHECK (value <> '');
  CREATE TABLE "Odd ""/ name" (id int PRIMARY KEY, m mood, c code, "a,""b(" text[], t text);
  INSERT INTO "Odd ""/ name" SELECT i, 'well', 'c' || i, ARRAY['x', NULL, E'\\.\n'], E'back\\slash\ttab' FROM generate_series(1, 5000) i;
  CREATE TABLE made (id int, twice int GENERATED ALWAYS AS (id * 2) STORED); INSERT INTO made VALUES (1), (2);
  CREATE TABLE p (k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p DEFAULT; INSERT INTO p VALUES (1))";

TEST_F(RestoreBackup, IntoAnEmptyDatabaseAndOnlyThere) {
  source_.run(kSome);
  const auto folder = taken().folder;
  const auto done = restore(into(target_, folder));
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_EQ(done->rows, 5003);
  EXPECT_EQ(target_.value("SELECT count(*) FROM made WHERE twice = 2 * id"), "2");
  const auto refused = restore(into(target_, folder));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "not-empty");
  EXPECT_EQ(refused.error().exit, Exit::usage);
  EXPECT_THAT(refused.error().message, HasSubstr("table public.\"Odd \"\"/ name\""));
}

TEST_F(RestoreBackup, OneTableOutOfTheDumpIntoANewOne) {
  source_.run(kSome);
  const auto folder = taken().folder;
  const auto done = restore_table(into(source_, folder), "public.\"Odd \"\"/ name\"");
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_TRUE(done->hash_compared);
  EXPECT_EQ(source_.value("(SELECT count(*) FROM (TABLE " + done->table + " EXCEPT TABLE \"Odd \"\"/ name\") x)"), "0");
  EXPECT_EQ(source_.value("SELECT count(*) FROM " + done->table), "5000");
  const auto again = restore_table(into(source_, folder), "public.\"Odd \"\"/ name\"");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "not-empty");

  const auto with_generated = restore_table(into(source_, folder), "made");
  ASSERT_TRUE(with_generated) << to_text(with_generated.error());
  EXPECT_FALSE(with_generated->hash_compared);
  EXPECT_EQ(with_generated->rows, 2);
  EXPECT_TRUE(restore_table(into(source_, folder), "p1"));
  EXPECT_THAT(restore_table(into(source_, folder), "p").error().message, HasSubstr("no table p"));
}

TEST_F(RestoreBackup, VerifyFindsADamagedDump) {
  source_.run(kSome);
  const std::filesystem::path folder = taken().folder;
  VerifyRequest request;
  request.folder = folder;
  request.url = source_.url();
  const auto well = verify(request);
  ASSERT_TRUE(well) << to_text(well.error());
  EXPECT_EQ(well->where, kOnServer);
  request.private_server = true;
  const auto private_too = verify(request);
  ASSERT_TRUE(private_too) << to_text(private_too.error());
  EXPECT_EQ(private_too->where, kOnPrivate);

  auto record = read_record(folder).value();
  record.tables["public.made"].hash = "0000000000000000";
  ASSERT_TRUE(write_record(folder, record));
  const auto differs = verify(request);
  ASSERT_FALSE(differs);
  EXPECT_EQ(differs.error().code, "backup-differs");
  EXPECT_THAT(differs.error().message, HasSubstr("public.made: 2 rows, but not the same values"));
  EXPECT_FALSE(read_record(folder)->read_back.ok);

  for (const auto& entry : std::filesystem::directory_iterator(folder / "dump")) {
    if (entry.path().extension() == ".gz") std::filesystem::resize_file(entry.path(), 20);
  }
  const auto damaged = verify(request);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, "restore-failed");
}

TEST_F(RestoreBackup, ListShowsWhatIsThereNewestFirst) {
  source_.run("CREATE TABLE t (a int)");
  const auto first = taken().folder;
  const auto second = take_tables({source_.url(), backups_.path(), {"t"}});
  ASSERT_TRUE(second) << to_text(second.error());
  std::filesystem::create_directories(backups_.path() / "no-backup");
  std::filesystem::create_directories(backups_.path() / "broken");
  std::ofstream(backups_.path() / "broken" / "backup.json") << "{";
  std::vector<Error> unreadable;
  const auto found = list(backups_.path(), &unreadable);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].record.kind, "tables");
  EXPECT_EQ(found[1].folder, first);
  EXPECT_TRUE(found[1].record.read_back.ok);
  EXPECT_EQ(unreadable.size(), 1U);
  EXPECT_TRUE(list(backups_.path() / "nowhere").empty());
}

}  // namespace
}  // namespace segue::backup
