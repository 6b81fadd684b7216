#include "backup/take_tables.h"

#include <fstream>

#include "backup/record.h"
#include "backup/restore.h"
#include "backup/test_help.h"

namespace segue::backup {
namespace {

using ::testing::HasSubstr;

class TakeTables : public ::testing::Test {
 protected:
  Result<Taken> taken(const std::vector<std::string>& tables) {
    return take_tables({database_.url(), backups_.path(), tables});
  }

  testing::Database database_;
  TemporaryBackups backups_;
};

TEST_F(TakeTables, EveryKindOfTableIsReadBackAndComesBack) {
  database_.run(R"(
    CREATE TYPE pair AS (x int, y text); CREATE TYPE mood AS ENUM ('a b', 'c'); CREATE DOMAIN code AS varchar(5) CHECK (value <> '');
    CREATE SCHEMA "s.1/";
    CREATE TABLE "s.1/"."T ""q""" (id bigint GENERATED ALWAYS AS IDENTITY, "a ""b" pair, m mood[], c code, cs code[], n numeric(9,2),
      f float8, j json, b bytea, twice bigint GENERATED ALWAYS AS (n * 2) STORED, gone int, at timestamptz, r tstzrange);
    ALTER TABLE "s.1/"."T ""q""" DROP gone;
    INSERT INTO "s.1/"."T ""q""" ("a ""b", m, c, cs, n, f, j, b, at, r) VALUES
      ('(1,"x,""y")', '{"a b",NULL,c}', 'v', '{p,q}', 1.50, 'NaN', '{ "k" : 1.0 }', '\x00ff', '2020-01-01Z', '[2020-01-01,)'),
      (NULL, NULL, NULL, NULL, NULL, -0.0, NULL, E'\\\\.', 'infinity', NULL), (NULL, '{}', 'é', NULL, NULL, 5e-324, NULL, NULL, NULL, 'empty');
    CREATE TABLE empty (); INSERT INTO empty DEFAULT VALUES; INSERT INTO empty DEFAULT VALUES;
    CREATE TABLE p (v text, k int) PARTITION BY LIST (k); CREATE TABLE p1 (k int, v text); ALTER TABLE p ATTACH PARTITION p1 FOR VALUES IN (1);
    CREATE TABLE p2 PARTITION OF p DEFAULT; INSERT INTO p VALUES ('x', 1), ('y', 2);
    CREATE TABLE parent (a int); CREATE TABLE child (b int) INHERITS (parent); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 3))");
  const auto made = taken({"\"s.1/\".\"T \"\"q\"\"\"", "empty", "p", "parent", "public.parent"});
  ASSERT_TRUE(made) << to_text(made.error());
  EXPECT_EQ(made->read_back, "temporary table");
  EXPECT_EQ(made->tables.size(), 4U);
  EXPECT_EQ(made->tables.at("public.empty").rows, 2);
  EXPECT_EQ(made->tables.at("public.p").rows, 2);
  EXPECT_EQ(made->tables.at("public.parent").rows, 1);
  const auto record = read_record(made->folder).value();
  EXPECT_EQ(record.copies[0].file, "tables/s%2E1%2F.T%20%22q%22.copy");
  EXPECT_EQ(record.copies[0].columns.size(), 11U);
  EXPECT_TRUE(std::filesystem::exists(made->folder + "/" + record.copies[0].file + ".json"));

  for (const auto& [name, data] : made->tables) {
    const auto back = restore_table({made->folder, database_.url(), {}}, name);
    ASSERT_TRUE(back) << name << ": " << to_text(back.error());
    EXPECT_EQ(back->rows, data.rows);
  }
  EXPECT_TRUE(verify({made->folder, database_.url()}));
}

TEST_F(TakeTables, ADamagedCopyIsFound) {
  database_.run("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)");
  const auto made = taken({"t"});
  ASSERT_TRUE(made) << to_text(made.error());
  std::ofstream(made->folder + "/tables/public.t.copy", std::ios::trunc) << "1\n3\n";
  const auto damaged = verify({made->folder, database_.url()});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, "backup-differs");
  const auto back = restore_table({made->folder, database_.url(), {}}, "t");
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, "backup-differs");
  EXPECT_EQ(database_.value("SELECT count(*) FROM pg_class WHERE relname LIKE 't_2%'"), "0");
}

TEST_F(TakeTables, WhatIsNoTableOrLockedOrForbiddenLeavesNothing) {
  database_.run("CREATE TABLE t (a int); CREATE VIEW v AS TABLE t");
  EXPECT_THAT(taken({"nowhere"}).error().message, HasSubstr("no table nowhere"));
  EXPECT_THAT(taken({"v"}).error().message, HasSubstr("not a table"));
  auto holder = database_.connect();
  ASSERT_TRUE(holder.script("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE"));
  const auto locked = take_tables({database_.url(), backups_.path(), {"t"}, 100});
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, "locked");
  holder.rollback();
  const TemporaryRole role(database_, "backup_poor", "");
  const auto denied = take_tables({role.url(), backups_.path(), {"t"}});
  ASSERT_FALSE(denied);
  EXPECT_THAT(denied.error().message, HasSubstr("permission denied for table t"));
  EXPECT_TRUE(backups_.names().empty());
}

TEST_F(TakeTables, ATextEncodingOtherThanUtf8ComesBackWhole) {
  auto connection = database_.connect();
  ASSERT_TRUE(connection.execute("CREATE DATABASE backup_latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"));
  const std::string& url = database_.url();
  const std::string latin = url.substr(0, url.rfind('/')) + "/backup_latin" +
                            (url.find('?') == std::string::npos ? "" : url.substr(url.find('?')));
  {
    auto inside = pg::Connection::open({.url = latin, .settings = {}}).value();
    ASSERT_TRUE(inside.script("CREATE TABLE t (a text); INSERT INTO t VALUES ('é'), ('ß')"));
  }
  const auto made = take_tables({latin, backups_.path(), {"t"}});
  EXPECT_TRUE(made) << to_text(made.error());
  if (has_tools()) {
    const auto whole = take(request_for(latin, backups_));
    ASSERT_TRUE(whole) << to_text(whole.error());
    EXPECT_TRUE(restore_table({whole->folder, latin, {}}, "t"));
  }
  ASSERT_TRUE(connection.execute("DROP DATABASE backup_latin WITH (FORCE)"));
}

}  // namespace
}  // namespace segue::backup
