#include "hooks/env_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "hooks/env_text.h"
#include "hooks/test_help.h"

namespace segue::hooks {
namespace {

using testing::Folder;
using testing::read;

const std::vector<EnvRename> renames = {{"DEAL_", "OPPORTUNITY_"}};
const std::string with_host =
    "OPPORTUNITY_HOST=db\n# segue: DEAL_HOST is deprecated, use OPPORTUNITY_HOST\nDEAL_HOST=db\n";

std::vector<EnvName> names(const std::vector<std::string>& ends) {
  std::vector<EnvName> list;
  for (const auto& end : ends) list.push_back({"DEAL_" + end, "OPPORTUNITY_" + end});
  return list;
}

EnvChange changed(const Result<EnvChange>& done) {
  if (done) return *done;
  ADD_FAILURE() << to_text(done.error());
  return {};
}

Error refusal(const std::string& file, const std::vector<EnvRename>& wanted = renames) {
  const auto before = read(file);
  const auto done = rename_variables(file, wanted);
  EXPECT_EQ(read(file), before);
  if (done) {
    ADD_FAILURE() << "not refused";
    return {};
  }
  EXPECT_EQ(to_text(done.error()).find("Zq1"), std::string::npos) << to_text(done.error());
  EXPECT_NE(done.error().hint, "") << to_text(done.error());
  return done.error();
}

std::string renamed(const std::string& text) {
  const auto done = renamed_env(text, renames, ".env");
  if (done) return done->text;
  ADD_FAILURE() << to_text(done.error());
  return {};
}

std::string taken_back(const std::string& text) {
  const auto done = taken_back_env(text, renames);
  if (done) return done->text;
  ADD_FAILURE() << to_text(done.error());
  return {};
}

TEST(EnvFile, GetsTheNewNamesAboveTheOldOnesAndLosesThemAgain) {
  const Folder folder;
  const std::string before = "# the database\nDEAL_HOST=db\nPORT=1\nexport DEAL_USER=\"me\"\nOTHER_DEAL_X=1\n";
  const auto file = folder.write(".env", before);
  EXPECT_EQ(changed(rename_variables(file, renames)).changed, names({"HOST", "USER"}));
  const auto after = "# the database\n" + with_host +
                     "PORT=1\nexport OPPORTUNITY_USER=\"me\"\n# segue: DEAL_USER is deprecated, use OPPORTUNITY_USER\n"
                     "export DEAL_USER=\"me\"\nOTHER_DEAL_X=1\n";
  EXPECT_EQ(read(file), after);
  const auto again = changed(rename_variables(file, renames));
  EXPECT_EQ(again.changed, names({}));
  EXPECT_EQ(again.unchanged, names({"HOST", "USER"}));
  EXPECT_EQ(read(file), after);
  EXPECT_EQ(changed(take_back(file, renames)).changed, names({"HOST", "USER"}));
  EXPECT_EQ(read(file), before);
  EXPECT_EQ(changed(take_back(file, renames)).changed, names({}));
  EXPECT_EQ(read(file), before);
}

TEST(EnvFile, KeepsEveryKindOfLineAsItIs) {
  const std::pair<std::string, std::string> cases[] = {
      {"DEAL_A=", "OPPORTUNITY_A="},
      {"  DEAL_A = x y  # note", "  OPPORTUNITY_A = x y  # note"},
      {"\texport\tDEAL_A='x'", "\texport\tOPPORTUNITY_A='x'"},
      {"DEAL_A=\"one\ntwo \\\" DEAL_B=3\nthree\" # end", "OPPORTUNITY_A=\"one\ntwo \\\" DEAL_B=3\nthree\" # end"},
      {"DEAL_A='one\n# two\n'", "OPPORTUNITY_A='one\n# two\n'"},
      {"DEAL_A=`one\ntwo`", "OPPORTUNITY_A=`one\ntwo`"},
      {"DEAL_A=it's", "OPPORTUNITY_A=it's"},
      {"DEAL_A=x=\"y", "OPPORTUNITY_A=x=\"y"},
      {"DEAL_A=$DEAL_B", "OPPORTUNITY_A=$DEAL_B"},
  };
  for (const auto& [old_line, new_line] : cases) {
    const auto comment = "# segue: DEAL_A is deprecated, use OPPORTUNITY_A";
    EXPECT_EQ(renamed(old_line + "\n"), new_line + "\n" + comment + "\n" + old_line + "\n");
    EXPECT_EQ(renamed("A=1\n" + old_line), "A=1\n" + new_line + "\n" + comment + "\n" + old_line);
    EXPECT_EQ(renamed("A=1\r\n" + old_line), "A=1\r\n" + new_line + "\r\n" + comment + "\r\n" + old_line);
    EXPECT_EQ(renamed("\xEF\xBB\xBF" + old_line + "\r\n"),
              "\xEF\xBB\xBF" + new_line + "\r\n" + comment + "\r\n" + old_line + "\r\n");
    EXPECT_EQ(taken_back(renamed("B=2\n\n" + old_line)), "B=2\n\n" + old_line);
  }
  for (const std::string line : {"# DEAL_A=1", "DEAL_A", "DEAL_A: 1", "1DEAL_A=1", "A=\"\nDEAL_A=1\n\"",
                                 "exportDEAL_A=1", "=DEAL_A=1", "deal_A=1"}) {
    EXPECT_EQ(renamed(line + "\n"), line + "\n");
  }
}

TEST(EnvFile, TakesTheLongestBeginning) {
  const std::vector<EnvRename> two = {{"DEAL_", "OPPORTUNITY_"}, {"DEAL_DB_", "DATABASE_"}, {"EXACT", "PRECISE"}};
  const auto done = renamed_env("DEAL_A=1\nDEAL_DB_A=2\nEXACT=3\n", two, ".env");
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_EQ(done->change.changed,
            (std::vector<EnvName>{{"DEAL_A", "OPPORTUNITY_A"}, {"DEAL_DB_A", "DATABASE_A"}, {"EXACT", "PRECISE"}}));
  EXPECT_EQ(taken_back_env(done->text, two)->text, "DEAL_A=1\nDEAL_DB_A=2\nEXACT=3\n");
}

TEST(EnvFile, LeavesANewNameThatIsThereAlready) {
  const Folder folder;
  const auto same = folder.write("same", "OPPORTUNITY_A=Zq1\nDEAL_A=Zq1 \n");
  const auto done = changed(rename_variables(same, renames));
  EXPECT_EQ(done.changed, names({}));
  EXPECT_EQ(done.unchanged, names({"A"}));
  EXPECT_EQ(changed(take_back(same, renames)).changed, names({}));
  EXPECT_EQ(read(same), "OPPORTUNITY_A=Zq1\nDEAL_A=Zq1 \n");

  const auto other = folder.write("other", "DEAL_B=1\nDEAL_A=Zq1\n\nOPPORTUNITY_A=Zq12\n");
  const auto error = refusal(other);
  EXPECT_EQ(error.code, "env-conflict");
  EXPECT_EQ(error.where, other + ":2");
  EXPECT_EQ(error.message,
            "'OPPORTUNITY_A' is there already (" + other + ":4), with another value than 'DEAL_A' (" + other + ":2)");

  const auto two = folder.write("two", "DEAL_A=Zq1\nSALE_A=Zq2\n");
  EXPECT_EQ(refusal(two, {{"DEAL_", "X_"}, {"SALE_", "X_"}}).code, "env-conflict");
  folder.write("two", "DEAL_A=Zq1\nSALE_A=Zq1\n");
  EXPECT_TRUE(rename_variables(two, {{"DEAL_", "X_"}, {"SALE_", "X_"}}));
  EXPECT_EQ(read(two), "X_A=Zq1\n# segue: DEAL_A is deprecated, use X_A\nDEAL_A=Zq1\nSALE_A=Zq1\n");
}

TEST(EnvFile, KeepsEachOfTwoLinesOfOneName) {
  const std::string before = "DEAL_A=1\nDEAL_A=2";
  const auto after = renamed(before);
  EXPECT_EQ(after,
            "OPPORTUNITY_A=1\n# segue: DEAL_A is deprecated, use OPPORTUNITY_A\nDEAL_A=1\n"
            "OPPORTUNITY_A=2\n# segue: DEAL_A is deprecated, use OPPORTUNITY_A\nDEAL_A=2");
  EXPECT_EQ(renamed(after), after);
  EXPECT_EQ(taken_back(after), before);
}

TEST(EnvFile, CarriesAValueThatTheNewNameGotMeanwhile) {
  const Folder folder;
  const auto file = folder.write(".env", "export DEAL_HOST=db  # old\nDEAL_PORT=1");
  changed(rename_variables(file, renames));
  auto text = read(file);
  text.replace(text.find("OPPORTUNITY_HOST=db  # old"), 26, "OPPORTUNITY_HOST='two\nlines'");
  folder.write(".env", text);
  EXPECT_EQ(changed(rename_variables(file, renames)).changed, names({}));  // still as it should be
  EXPECT_EQ(read(file), text);
  const auto back = changed(take_back(file, renames));
  EXPECT_EQ(back.changed, names({"HOST", "PORT"}));
  EXPECT_EQ(back.carried, names({"HOST"}));
  EXPECT_EQ(read(file), "export DEAL_HOST='two\nlines'\nDEAL_PORT=1");
}

TEST(EnvFile, TakesBackWhatSomebodyMovedOrTookOut) {
  const std::string comment = "# segue: DEAL_A is deprecated, use OPPORTUNITY_A\n";
  EXPECT_EQ(taken_back("OPPORTUNITY_A=2\n" + comment), "DEAL_A=2\n");  // the old line is gone
  EXPECT_EQ(taken_back(comment + "DEAL_A=1\n"), "DEAL_A=1\n");         // the new one is
  EXPECT_EQ(taken_back(comment + "X=1\n"), "X=1\n");                   // both are
  EXPECT_EQ(taken_back("X=1\nOPPORTUNITY_A=1\n\n" + comment + "\nDEAL_A=1\n"), "X=1\n\n\nDEAL_A=1\n");
  EXPECT_EQ(taken_back("OPPORTUNITY_A=1\nDEAL_A=1\n"), "OPPORTUNITY_A=1\nDEAL_A=1\n");  // not ours to tell
  EXPECT_EQ(taken_back(comment + "DEAL_A=1\nOPPORTUNITY_A=2\n" + comment + "DEAL_A=2\n"), "DEAL_A=1\nDEAL_A=2\n");
  EXPECT_EQ(taken_back("OPPORTUNITY_A=2\n" + comment + "DEAL_A=1\nDEAL_A=3\n"), "DEAL_A=2\nDEAL_A=3\n");
  EXPECT_EQ(renamed(comment + "DEAL_A=1\n"), "OPPORTUNITY_A=1\n" + comment + "DEAL_A=1\n");  // put in again
  EXPECT_EQ(taken_back("# segue: SALE_A is deprecated, use X_A\n"), "# segue: SALE_A is deprecated, use X_A\n");
}

TEST(EnvFile, RefusesWhatItCannotBeSureOf) {
  const Folder folder;
  const auto file = folder.file(".env");
  const auto code_of = [&](const std::string& text, const std::vector<EnvRename>& wanted = renames) {
    folder.write(".env", text);
    const auto error = refusal(file, wanted);
    return error.code + (error.where.starts_with(file) ? error.where.substr(file.size()) : error.where);
  };
  EXPECT_EQ(code_of("A=1\nDEAL_A=\"Zq1\nB=2\n"), "env-quote:2");
  EXPECT_EQ(code_of("DEAL_A=Zq1\\\n B\n"), "env-backslash:1");
  EXPECT_EQ(code_of("A=1 \\\nDEAL_A=Zq1\n"), "env-backslash:1");
  EXPECT_EQ(code_of("DEAL_A=1\n", {{"DEAL_", "DEAL_OPPORTUNITY_"}}), "env-name:1");
  EXPECT_EQ(code_of("DEAL_1=1\n", {{"DEAL_", ""}}), "env-name:1");
  EXPECT_EQ(code_of("DEAL_A=1\n", {{"DEAL_", "SALE_"}, {"SALE_", "DEAL_"}}), "env-name:1");
  EXPECT_EQ(code_of("A=1\n", {{"", "X_"}}), "usage");
  EXPECT_EQ(code_of("A=1\n", {{"A=", "X_"}}), "usage");
  EXPECT_EQ(code_of("A=1\n", {{"A", "X\n"}}), "usage");
  EXPECT_EQ(code_of("A=1\n", {{"A", "A"}}), "usage");
  EXPECT_EQ(code_of("A=1\n", {{"A", "B"}, {"A", "C"}}), "usage");
  EXPECT_EQ(renamed("# a comment \\\nDEAL_A=1\n"),
            "# a comment \\\nOPPORTUNITY_A=1\n# segue: DEAL_A is deprecated, use OPPORTUNITY_A\nDEAL_A=1\n");
}

TEST(EnvFile, StaysTheFileThatItWas) {
  const Folder folder;
  const auto file = folder.write("real", "DEAL_HOST=db\n");
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(file.c_str(), 12345, 23456), 0);
  }
  const bool attributes = ::setxattr(file.c_str(), "user.segue", "kept", 4, 0) == 0;
  std::filesystem::create_symlink("real", folder.file("link"));
  struct stat before{}, after{};
  ::stat(file.c_str(), &before);
  EXPECT_TRUE(rename_variables(folder.file("link"), renames));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link")));
  EXPECT_EQ(read(file), with_host);
  ::stat(file.c_str(), &after);
  EXPECT_EQ(after.st_mode, before.st_mode);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(after.st_gid, before.st_gid);
  EXPECT_NE(after.st_ino, before.st_ino);  // replaced, not written over
  char value[8] = {};
  if (attributes) EXPECT_EQ(::getxattr(file.c_str(), "user.segue", value, sizeof value), 4);
  EXPECT_TRUE(rename_variables(file, renames));
  struct stat again{};
  ::stat(file.c_str(), &again);
  EXPECT_EQ(again.st_ino, after.st_ino);  // nothing to do: not written
  const auto names_there = std::distance(std::filesystem::directory_iterator(folder.path()), {});
  EXPECT_EQ(names_there, 2);  // no temporary file is left
}

TEST(EnvFile, ThatCannotBeWrittenSaysWhy) {
  const Folder folder;
  const auto absent = rename_variables(folder.file("absent"), renames);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().where, folder.file("absent"));
  EXPECT_FALSE(rename_variables(folder.path(), renames));
  const auto file = folder.write(".env", "DEAL_A=Zq1\n");
  ::chmod(file.c_str(), 0444);
  EXPECT_EQ(refusal(file).message, "the file is read-only");
  ::chmod(file.c_str(), 0644);
  std::filesystem::create_hard_link(file, folder.file("twin"));
  EXPECT_EQ(refusal(file).message, "the file has several names (hard links), which would part");
  std::filesystem::remove(folder.file("twin"));
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody without rights";
  ::chmod(folder.path().c_str(), 0755);
  ASSERT_EQ(::seteuid(65534), 0);
  const auto not_ours = rename_variables(file, renames);
  ASSERT_EQ(::seteuid(0), 0);
  ::chmod(file.c_str(), 0666);
  ASSERT_EQ(::seteuid(65534), 0);
  const auto not_our_folder = rename_variables(file, renames);
  ASSERT_EQ(::seteuid(0), 0);
  ::chmod(folder.path().c_str(), 0777);
  ASSERT_EQ(::seteuid(65534), 0);
  const auto not_our_owner = rename_variables(file, renames);
  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_FALSE(not_ours || not_our_folder || not_our_owner);
  EXPECT_EQ(not_ours.error().message, "the file cannot be written: Permission denied");
  EXPECT_EQ(not_our_folder.error().message, "no file can be made in the folder of the file: Permission denied");
  EXPECT_EQ(not_our_owner.error().message,
            "the file belongs to somebody else, whose it could not stay: Operation not permitted");
  EXPECT_EQ(read(file), "DEAL_A=Zq1\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace segue::hooks
