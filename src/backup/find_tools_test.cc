#include "backup/find_tools.h"

#include <sys/stat.h>

#include <fstream>

#include "backup/address.h"
#include "backup/extract.h"
#include "backup/folder.h"
#include "backup/test_help.h"
#include "backup/tool_run.h"

namespace segue::backup {
namespace {

using ::testing::HasSubstr;

// A folder with programs that say this version.
std::string programs(const TemporaryBackups& in, const std::string& version) {
  const auto folder = in.parent() / version;
  std::filesystem::create_directories(folder);
  for (const char* name : {"pg_dump", "pg_restore"}) {
    std::ofstream(folder / name) << "#!/bin/sh\necho '" << name << " (PostgreSQL) " << version << " (some build)'\n";
    chmod((folder / name).c_str(), 0755);
  }
  return folder;
}

TEST(FindTools, OnlyWhatIsNotOlderThanTheServer) {
  const TemporaryBackups folders;
  const std::string fifteen = programs(folders, "15.18"), beta = programs(folders, "18beta1");
  EXPECT_EQ(find_tools(14, fifteen)->version, 15);
  EXPECT_EQ(find_tools(15, fifteen)->version_text, "15.18");
  EXPECT_EQ(find_tools(18, beta)->version, 18);
  const auto refused = find_tools(16, fifteen);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "no-pg-dump");
  EXPECT_EQ(refused.error().exit, Exit::usage);
  EXPECT_THAT(refused.error().message, HasSubstr("PostgreSQL 16"));
  EXPECT_THAT(refused.error().message, HasSubstr("15.18 in " + fifteen));
  EXPECT_THAT(refused.error().hint, HasSubstr("postgresql-client-16"));
}

TEST(FindTools, AFolderWithoutThemIsSaid) {
  const TemporaryBackups folders;
  EXPECT_THAT(find_tools(15, folders.parent()).error().message, HasSubstr("found none"));
}

TEST(FindTools, NoServerIsNewerThanEverything) {
  const auto refused = find_tools(99);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("looked in SEGUE_PG_BIN, PATH"));
}

TEST(RunRestore, OnlySettingsThatTheServerDoesNotKnowArePassedOver) {
  const std::string setting =
      "pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "
      "\"transaction_timeout\"\n"
      "Command was: SET transaction_timeout = 0;\n";
  const std::string end = "pg_restore: warning: errors ignored on restore: 1\n";
  EXPECT_TRUE(only_unknown_settings(setting + end));
  EXPECT_FALSE(
      only_unknown_settings(setting + "pg_restore: error: could not execute query: ERROR:  must be owner\n" + end));
  EXPECT_FALSE(only_unknown_settings(setting));
  EXPECT_FALSE(only_unknown_settings(end));
}

TEST(BackupAddress, ThePasswordIsInNoArgument) {
  const auto address =
      Address::read("postgresql://u:se%20cr'et%5C@h:1/d%20b?sslmode=require&options=-c%20a%3Db").value();
  EXPECT_THAT(address.argument(), ::testing::Not(HasSubstr("cr")));
  EXPECT_EQ(address.argument("other", "-c jit=off"),
            "user='u' host='h' port='1' sslmode='require' dbname='other' options='-c a=b -c jit=off'");
  EXPECT_THAT(address.environment(), ::testing::Contains("PGPASSWORD=se cr'et\\"));
  EXPECT_THAT(address.url(), HasSubstr("password='se cr\\'et\\\\'"));
  EXPECT_EQ(Address::read("host=h sslpassword=x").error().code, "secret-in-arguments");
}

TEST(BackupFolder, NamesAreSafeAndDiffer) {
  EXPECT_EQ(file_name_of("orders_2"), "orders_2");
  EXPECT_EQ(file_name_of("a/b\"c.d %é"), "a%2Fb%22c%2Ed%20%25%C3%A9");
  const std::string one(63, '/'), other = std::string(62, '/') + ".";
  EXPECT_LT(file_name_of(one).size(), 151U);
  EXPECT_NE(file_name_of(one), file_name_of(other));
}

TEST(CopyScript, FindsTheRowsWhateverThePieces) {
  const std::string text =
      "--\nSET client_encoding = 'LATIN1';\n\nCOPY public.\"a b(\" (x, \"y,\"\"z\", \"(\") FROM "
      "stdin;\n1\t\\\\.\n2\t\\N\n\\.\n\n--\n";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    CopyScript script;
    std::string rows;
    int started = 0;
    script.rows = [&](const std::string& piece) { rows += piece; };
    script.started = [&] { ++started; };
    for (std::size_t at = 0; at < text.size(); at += size) script.take(std::string_view(text).substr(at, size));
    EXPECT_EQ(rows, "1\t\\\\.\n2\t\\N\n");
    EXPECT_EQ(started, 1);
    EXPECT_EQ(script.encoding(), "LATIN1");
    EXPECT_THAT(script.columns(), ::testing::ElementsAre("x", "y,\"z", "("));
  }
}

TEST(CopyScript, ATableWithoutColumns) {
  std::vector<std::string> columns;
  EXPECT_TRUE(read_copy_line("COPY public.none  FROM stdin;", columns));
  EXPECT_TRUE(columns.empty());
  EXPECT_FALSE(read_copy_line("COPY x FROM '/etc/passwd';", columns));
}

}  // namespace
}  // namespace segue::backup
