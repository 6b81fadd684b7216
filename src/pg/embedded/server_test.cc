#include "pg/embedded/server.h"

#include "pg/embedded/test_help.h"

namespace segue::pg {
namespace {

// Sets an environment variable for as long as it lives.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  ~Environment() { before_.empty() ? unsetenv(name_) : setenv(name_, before_.c_str(), 1); }

 private:
  const char* name_;
  std::string before_;
};

TEST(FindServer, FindsOneWithInitdbBesideIt) {
  const auto found = find_server();
  ASSERT_TRUE(found) << to_text(found.error());
  EXPECT_GE(found->version, 14);
  EXPECT_EQ(found->version_text.substr(0, 2), std::to_string(found->version));
  EXPECT_TRUE(std::filesystem::exists(found->bin_dir + "/initdb"));
}

TEST(FindServer, TakesABinFolderOrAnInstallation) {
  const std::string bin_dir = find_server()->bin_dir;
  EXPECT_EQ(find_server(bin_dir)->bin_dir, bin_dir);
  if (bin_dir.ends_with("/bin")) EXPECT_EQ(find_server(bin_dir.substr(0, bin_dir.size() - 4))->bin_dir, bin_dir);
}

TEST(FindServer, TheNamedFolderIsTakenOrRefusedButNotReplaced) {
  const auto refused = find_server("/usr");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "no-server");
  EXPECT_NE(refused.error().message.find("/usr"), std::string::npos);
  EXPECT_FALSE(refused.error().hint.empty());

  const Environment named("SEGUE_PG_BIN", "/nowhere");
  const auto refused_too = find_server();
  ASSERT_FALSE(refused_too);
  EXPECT_EQ(refused_too.error().where, "SEGUE_PG_BIN");
}

TEST(FindServer, SaysWhatIsTooOldAndWhatIsNoServer) {
  const embedded::OwnTemporaryFolder folder;
  const auto write_program = [&](const std::string& name, const std::string& says) {
    std::ofstream(folder.path() + "/" + name) << "#!/bin/sh\necho '" << says << "'\n";
    chmod((folder.path() + "/" + name).c_str(), 0755);
  };
  write_program("postgres", "postgres (PostgreSQL) 13.4 (Debian 13.4-1)");
  EXPECT_NE(find_server(folder.path()).error().message.find("not initdb"), std::string::npos);
  write_program("initdb", "");
  EXPECT_NE(find_server(folder.path()).error().message.find("13.4, which is too old"), std::string::npos);
  write_program("postgres", "something else");
  EXPECT_NE(find_server(folder.path()).error().message.find("version"), std::string::npos);
  write_program("postgres", "postgres (PostgreSQL) 18beta2");
  EXPECT_EQ(find_server(folder.path())->version, 18);

  // The first that is new enough in PATH wins, whatever newer ones lie elsewhere.
  const Environment path("PATH", folder.path());
  EXPECT_EQ(find_server()->version_text, "18beta2");
}

TEST(AllServers, NewestFirstAndEachOnce) {
  const auto servers = all_servers();
  ASSERT_FALSE(servers.empty());
  for (std::size_t at = 1; at < servers.size(); ++at) {
    EXPECT_GE(servers[at - 1].version, servers[at].version);
    EXPECT_NE(servers[at - 1].bin_dir, servers[at].bin_dir);
  }
}

}  // namespace
}  // namespace segue::pg
