#include "backup/take.h"

#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "backup/record.h"
#include "backup/test_help.h"

namespace segue::backup {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Take : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_tools()) GTEST_SKIP() << "no pg_dump that is new enough for this server";
  }
  Taken taken(const Request& request) {
    auto outcome = take(request);
    if (!outcome) throw std::runtime_error(to_text(outcome.error()));
    return *std::move(outcome);
  }
  Error error(const Request& request) {
    auto outcome = take(request);
    if (outcome) throw std::runtime_error("it was taken: " + outcome->folder);
    return outcome.error();
  }

  testing::Database database_;
  TemporaryBackups backups_;
};

TEST_F(Take, IsReadBackEqualAndLeavesOneFolder) {
  database_.run(
      "CREATE SCHEMA segue; CREATE TABLE segue.step (id int); INSERT INTO segue.step VALUES (1);"
      "CREATE TABLE \"o\"\"rders/\" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text, twice int "
      "GENERATED "
      "ALWAYS AS (2) STORED);"
      "INSERT INTO \"o\"\"rders/\" (note) SELECT md5(i::text) FROM generate_series(1, 3000) i;"
      "CREATE TABLE p (k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p "
      "VALUES (1); CREATE UNLOGGED TABLE u (a int); INSERT INTO u VALUES (7); CREATE TABLE none (); INSERT INTO none "
      "DEFAULT VALUES; CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM u; SELECT lo_from_bytea(0, 'large');"
      "CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''%'', tg_tag; END';"
      "CREATE EVENT TRIGGER et ON ddl_command_start EXECUTE FUNCTION et(); CREATE PUBLICATION pub FOR ALL TABLES");
  const auto made = taken(request_for(database_.url(), backups_));
  EXPECT_EQ(made.read_back, kOnServer);
  EXPECT_EQ(made.tables.at("public.\"o\"\"rders/\"").rows, 3000);
  EXPECT_EQ(made.tables.at("segue.step").rows, 1);
  EXPECT_GT(made.bytes, 1000U);
  EXPECT_THAT(backups_.names(), ::testing::ElementsAre(std::filesystem::path(made.folder).filename().string()));
  EXPECT_TRUE(std::filesystem::exists(backups_.path() / ".gitignore"));
  struct stat facts = {};
  ASSERT_EQ(stat(made.folder.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700U);
  EXPECT_EQ(scratch_databases(), "0");

  const auto record = read_record(made.folder);
  ASSERT_TRUE(record) << to_text(record.error());
  EXPECT_TRUE(record->read_back.ok);
  EXPECT_EQ(record->tables, made.tables);
  EXPECT_EQ(record->large_objects.rows, 1);
}

TEST_F(Take, OneSnapshotWhileOthersWrite) {
  database_.run(
      "CREATE TABLE t (id bigserial PRIMARY KEY, v int); INSERT INTO t (v) SELECT 0 FROM generate_series(1, 20000)");
  std::atomic<bool> over = false;
  std::atomic<int> written = 0;
  std::jthread writer([&] {
    auto connection = database_.connect();
    while (!over) {
      if (connection.script("INSERT INTO t (v) VALUES (1); UPDATE t SET v = v + 1 WHERE id % 1000 = 7")) ++written;
    }
  });
  while (written < 3) {
  }
  const int before = written;
  const auto outcome = take(request_for(database_.url(), backups_));
  over = true;
  ASSERT_TRUE(outcome) << to_text(outcome.error());
  EXPECT_GT(written, before + 3) << "nobody wrote meanwhile, so this proves nothing";
}

TEST_F(Take, OnAPrivateServerWhereTheUserMayNotCreateDatabases) {
  const TemporaryRole other(database_, "backup_other", "");
  const TemporaryRole role(database_, "backup_owner", "");
  database_.run(
      "CREATE SCHEMA s AUTHORIZATION backup_owner; CREATE TABLE s.t (a int); ALTER TABLE s.t OWNER TO backup_owner; "
      "INSERT "
      "INTO s.t VALUES (1); GRANT SELECT ON s.t TO backup_other; CREATE POLICY p ON s.t TO backup_other USING (a > 0)");
  const auto made = taken(request_for(role.url(), backups_));
  EXPECT_EQ(made.read_back, kOnPrivate);
  EXPECT_EQ(scratch_databases(), "0");
}

TEST_F(Take, OnAPrivateServerWhereOwnersCannotBeSetOnTheServer) {
  const TemporaryRole other(database_, "backup_other", "");
  const TemporaryRole role(database_, "backup_maker", "CREATEDB");
  database_.run("CREATE TABLE t (a int); ALTER TABLE t OWNER TO backup_other; GRANT SELECT ON t TO backup_maker");
  EXPECT_EQ(taken(request_for(role.url(), backups_)).read_back, kOnPrivate);
  EXPECT_EQ(scratch_databases(), "0");
}

TEST_F(Take, NamesWhatTheRoleMayNotRead) {
  const TemporaryRole role(database_, "backup_poor", "");
  database_.run("CREATE TABLE seen (a int); CREATE TABLE \"hid den\" (a int); GRANT SELECT ON seen TO backup_poor");
  const auto denied = error(request_for(role.url(), backups_));
  EXPECT_EQ(denied.code, "no-rights");
  EXPECT_THAT(denied.message, HasSubstr("table public.\"hid den\""));
  EXPECT_THAT(denied.message, ::testing::Not(HasSubstr("seen")));
  database_.run("GRANT SELECT ON \"hid den\" TO backup_poor; ALTER TABLE seen ENABLE ROW LEVEL SECURITY");
  EXPECT_THAT(error(request_for(role.url(), backups_)).hint, HasSubstr("BYPASSRLS"));
  EXPECT_THAT(backups_.names(), IsEmpty());
}

TEST_F(Take, ALockedTableIsNamedWithWhoHoldsIt) {
  database_.run("CREATE TABLE free (a int); CREATE TABLE taken (a int PRIMARY KEY)");
  auto holder = database_.connect("the nightly job");
  ASSERT_TRUE(holder.script("BEGIN; LOCK TABLE taken IN ACCESS EXCLUSIVE MODE"));
  auto request = request_for(database_.url(), backups_);
  request.lock_wait_ms = 200;
  const auto locked = error(request);
  EXPECT_EQ(locked.code, "locked");
  EXPECT_EQ(locked.exit, Exit::stopped);
  EXPECT_THAT(locked.message, HasSubstr("taken is locked by pid"));
  EXPECT_THAT(locked.message, HasSubstr("the nightly job"));
  EXPECT_THAT(backups_.names(), IsEmpty());
}

TEST_F(Take, AStopLeavesNothing) {
  database_.run(
      "CREATE TABLE t (a int, b text); INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, 100000) i");
  for (const Stage stage : {Stage::dumping, Stage::reading_back, Stage::comparing}) {
    std::atomic<bool> stop = false;
    auto request = request_for(database_.url(), backups_);
    request.watch.stop = &stop;
    request.watch.progress = [&](const Progress& progress) { stop = stop || progress.stage == stage; };
    const auto ended = error(request);
    EXPECT_EQ(ended.code, "stopped") << name_of(stage);
    EXPECT_EQ(ended.exit, Exit::stopped);
    EXPECT_THAT(backups_.names(), IsEmpty()) << name_of(stage);
    EXPECT_EQ(scratch_databases(), "0") << name_of(stage);
  }
}

TEST_F(Take, ClearsWhatAKilledRunLeft) {
  std::filesystem::create_directories(backups_.path() / "gone-20200101T000000Z.partial" / "dump");
  database_.run("CREATE TABLE t (a int)");
  auto connection = database_.connect();
  ASSERT_TRUE(connection.execute("CREATE DATABASE segue_scratch_999999_0"));
  const auto made = taken(request_for(database_.url(), backups_));
  EXPECT_THAT(backups_.names(), ::testing::ElementsAre(std::filesystem::path(made.folder).filename().string()));
  EXPECT_EQ(scratch_databases(), "0");
}

TEST_F(Take, AFolderThatCannotBeWrittenIsTheUsersError) {
  auto request = request_for(database_.url(), backups_);
  std::ofstream(backups_.parent() / "file") << "x";
  request.backups = backups_.parent() / "file" / "backups";
  const auto refused = error(request);
  EXPECT_EQ(refused.code, "no-folder");
  EXPECT_EQ(refused.exit, Exit::usage);
}

}  // namespace
}  // namespace segue::backup
