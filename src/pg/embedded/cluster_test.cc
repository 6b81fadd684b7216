#include "pg/embedded/cluster.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdio>
#include <iterator>
#include <thread>

#include "base/clock.h"
#include "pg/embedded/server_user.h"
#include "pg/embedded/test_help.h"

namespace segue::pg::embedded {
namespace {

class ClusterTest : public testing::Test {
 protected:
  OwnTemporaryFolder place;
};

TEST_F(ClusterTest, AnswersOnThePortAndOnTheSocket) {
  const Cluster cluster = started();
  EXPECT_EQ(value_of(cluster.url(), "SELECT current_database()"), "sandbox");
  EXPECT_EQ(value_of(cluster.socket_url(), "SELECT current_user"), "postgres");
  EXPECT_EQ(value_of(cluster.url(), "SHOW port"), std::to_string(cluster.port()));
  EXPECT_EQ(value_of(cluster.url(), "SHOW server_encoding"), "UTF8");
  EXPECT_EQ(value_of(cluster.url(), "SHOW timezone"), "UTC");
  EXPECT_EQ(value_of(cluster.url(), "SHOW listen_addresses"), "127.0.0.1");
  EXPECT_EQ(value_of(cluster.url(), "SHOW fsync"), "off");
}

TEST_F(ClusterTest, ThePortWantsThePassword) {
  const Cluster cluster = started();
  const std::string wrong = "postgresql://postgres:wrong@127.0.0.1:" + std::to_string(cluster.port()) + "/sandbox";
  EXPECT_NE(value_of(wrong, "SELECT 1").find("password authentication failed"), std::string::npos);
}

TEST_F(ClusterTest, ThePasswordIsInNoLogStatisticsOrProcessList) {
  ClusterOptions options;
  options.settings = {{"log_statement", "all"}, {"log_min_messages", "debug1"}};
  const Cluster cluster = started(options);
  const std::string password = cluster.url().substr(22, 48);
  ASSERT_EQ(cluster.url()[21], ':');
  ASSERT_EQ(cluster.url()[70], '@');
  value_of(cluster.url(), "SELECT 'this is logged'");
  std::ifstream log(cluster.log_file());
  const std::string said(std::istreambuf_iterator<char>(log), {});
  EXPECT_NE(said.find("this is logged"), std::string::npos);
  EXPECT_EQ(said.find(password), std::string::npos);
  if (value_of(cluster.url(), "SHOW shared_preload_libraries") == "pg_stat_statements") {
    value_of(cluster.url(), "CREATE EXTENSION pg_stat_statements");
    EXPECT_EQ(value_of(cluster.url(), "SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%" + password + "%'"),
              "0");
  }
  std::ifstream arguments("/proc/" + std::to_string(cluster.postmaster_pid()) + "/cmdline");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(arguments), {}).find(password), std::string::npos);
}

TEST_F(ClusterTest, TwoAtOnceShareNothing) {
  const Cluster one = started();
  const Cluster other = started();
  EXPECT_NE(one.port(), other.port());
  EXPECT_NE(one.data_dir(), other.data_dir());
  value_of(one.url(), "SELECT 1 FROM pg_create_physical_replication_slot('mine')");
  EXPECT_EQ(value_of(other.url(), "SELECT count(*) FROM pg_replication_slots"), "0");
}

TEST_F(ClusterTest, ManyAtOnceFromManyThreads) {
  std::vector<std::string> answers(4);
  std::vector<std::thread> threads;
  for (std::string& answer : answers) {
    threads.emplace_back([&answer] {
      auto cluster = Cluster::start({});
      answer = cluster ? value_of(cluster->url(), "SELECT 42") : to_text(cluster.error());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& answer : answers) EXPECT_EQ(answer, "42");
  EXPECT_EQ(place.clusters(), 0);
}

TEST_F(ClusterTest, OutlivesTheThreadThatStartedIt) {
  Result<Cluster> cluster = failure("none", "not started");
  std::thread([&cluster] { cluster = Cluster::start({}); }).join();
  ASSERT_TRUE(cluster) << to_text(cluster.error());
  EXPECT_EQ(value_of(cluster->url(), "SELECT 42"), "42");
}

TEST_F(ClusterTest, IsGoneWithItsOwner) {
  auto cluster = std::make_unique<Cluster>(started());
  const Process server(cluster->postmaster_pid());
  const std::string folder = cluster->socket_dir();
  EXPECT_TRUE(server.alive());
  cluster.reset();
  EXPECT_FALSE(server.alive());
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST_F(ClusterTest, RootIsDropped) {
  const Cluster cluster = started();
  struct stat process = {};
  struct stat data = {};
  ASSERT_EQ(stat(("/proc/" + std::to_string(cluster.postmaster_pid())).c_str(), &process), 0);
  ASSERT_EQ(stat(cluster.data_dir().c_str(), &data), 0);
  EXPECT_NE(process.st_uid, 0U);
  EXPECT_EQ(process.st_uid, data.st_uid);
  EXPECT_EQ(process.st_uid, server_user()->uid);
  struct stat folder = {};
  ASSERT_EQ(stat(cluster.socket_dir().c_str(), &folder), 0);
  EXPECT_EQ(folder.st_mode & 0777, 0700U);
}

TEST_F(ClusterTest, EveryVersionThatIsHereStartsAndAnswers) {
  for (const ServerPrograms& programs : all_servers()) {
    ClusterOptions options;
    options.bin_dir = programs.bin_dir;
    const Stopwatch watch;
    const auto cluster = Cluster::start(options);
    ASSERT_TRUE(cluster) << programs.bin_dir << ": " << to_text(cluster.error());
    const double seconds = watch.seconds();
    EXPECT_EQ(value_of(cluster->url(), "SELECT current_setting('server_version_num')::int / 10000"),
              std::to_string(programs.version));
    std::printf("PostgreSQL %s from %s: started in %.0f ms\n", programs.version_text.c_str(), programs.bin_dir.c_str(),
                seconds * 1000);
  }
}

TEST_F(ClusterTest, StopsAndStartsAgainOnTheSamePortAndData) {
  using Mode = Cluster::StopMode;
  Cluster cluster = started();
  const int port = cluster.port();
  value_of(cluster.url(), "CREATE TABLE stays (n int)");
  for (const Mode mode : {Mode::fast, Mode::immediate, Mode::crash}) {
    const Process server(cluster.postmaster_pid());
    ASSERT_TRUE(cluster.stop(mode));
    EXPECT_FALSE(server.alive());
    EXPECT_EQ(cluster.postmaster_pid(), 0);
    ASSERT_TRUE(cluster.stop(mode)) << "stopping what is stopped";
    ASSERT_TRUE(cluster.start_again());
    EXPECT_EQ(cluster.port(), port);
    EXPECT_EQ(value_of(cluster.url(), "SELECT count(*) FROM stays"), "0");
  }
  const int postmaster = cluster.postmaster_pid();
  ASSERT_TRUE(cluster.start_again());
  EXPECT_EQ(cluster.postmaster_pid(), postmaster) << "a running server was started again";
}

TEST_F(ClusterTest, StartsAgainAfterThePostmasterWasKilledAndABackendWorksOn) {
  Cluster cluster = started();
  std::thread busy([url = cluster.url()] { value_of(url, "SELECT count(*) FROM generate_series(1, 2000000000)"); });
  while (value_of(cluster.url(),
                  "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series(1%' AND pid <> "
                  "pg_backend_pid()") == "0") {
  }
  kill(cluster.postmaster_pid(), SIGKILL);
  const auto again = cluster.start_again();
  EXPECT_TRUE(again) << to_text(again.error());
  EXPECT_EQ(value_of(cluster.url(), "SELECT 42"), "42");
  busy.join();
}

TEST_F(ClusterTest, APortThatIsTakenIsOneClearError) {
  const Fd other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(other.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(other.get(), 1), 0);
  getsockname(other.get(), reinterpret_cast<sockaddr*>(&address), &size);
  ClusterOptions options;
  options.port = ntohs(address.sin_port);
  const auto refused = Cluster::start(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "port-taken");
  EXPECT_NE(refused.error().message.find(std::to_string(options.port)), std::string::npos);
  EXPECT_EQ(place.clusters(), 0);
  options.port = 70000;
  EXPECT_EQ(error_code(options), "usage");
}

TEST_F(ClusterTest, AnAskedPortIsUsedAndCanBeUsedAgain) {
  int port = 0;
  {
    port = started().port();
  }
  ClusterOptions options;
  options.port = port;
  for (int round = 0; round < 2; ++round) {
    const Cluster cluster = started(options);
    EXPECT_EQ(cluster.port(), port);
    EXPECT_EQ(value_of(cluster.url(), "SELECT 42"), "42");
  }
}

TEST_F(ClusterTest, SettingsAndDatabaseNamesAreTakenAsTheyAre) {
  ClusterOptions options;
  options.database = "Größe \"x\"/1";
  options.settings = {{"work_mem", "7MB"}, {"search_path", "\"it's\", 'a\\b'"}};
  const Cluster cluster = started(options);
  EXPECT_EQ(value_of(cluster.url(), "SELECT current_database()"), options.database);
  EXPECT_EQ(value_of(cluster.socket_url(), "SHOW work_mem"), "7MB");
  EXPECT_EQ(value_of(cluster.url(), "SHOW search_path"), "\"it's\", 'a\\b'");
}

TEST_F(ClusterTest, ABadSettingGivesTheServersOwnWordsAndLeavesNothing) {
  ClusterOptions options;
  options.settings = {{"no_such_setting", "1"}};
  const auto refused = Cluster::start(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "no-start");
  EXPECT_NE(refused.error().message.find("no_such_setting"), std::string::npos) << refused.error().message;
  options.settings = {{"a = 1\nb", "1"}};
  EXPECT_EQ(error_code(options), "usage");
  EXPECT_EQ(place.clusters(), 0);
}

TEST_F(ClusterTest, ABadBinFolderIsOneClearError) {
  ClusterOptions options;
  options.bin_dir = "/nowhere";
  EXPECT_EQ(error_code(options), "no-server");
}

}  // namespace
}  // namespace segue::pg::embedded
