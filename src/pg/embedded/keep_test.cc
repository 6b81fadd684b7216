// Data that is kept.
#include "pg/embedded/cluster.h"
#include "pg/embedded/test_help.h"

namespace segue::pg::embedded {
namespace {

ClusterOptions kept_in(const OwnTemporaryFolder& place) {
  ClusterOptions options;
  // Another name each time: by it the file system chooses where on the disk the files go (see spread_over_disk).
  options.keep_dir = place.path() + "/kept" + place.path().substr(place.path().rfind('-'));
  return options;
}

TEST(KeptCluster, KeepsItsDataAndItsPassword) {
  const OwnTemporaryFolder place;
  ClusterOptions options = kept_in(place);
  options.durable = true;
  std::string url;
  {
    const Cluster cluster = started(options);
    options.port = cluster.port();
    url = cluster.url();
    EXPECT_EQ(value_of(url, "SHOW fsync"), "on");
    value_of(url, "CREATE TABLE stays AS SELECT generate_series(1, 1000) AS n");
  }
  EXPECT_EQ(place.clusters(), 0);
  const Cluster again = started(options);
  EXPECT_EQ(again.url(), url);
  EXPECT_EQ(value_of(url, "SELECT count(*) FROM stays"), "1000");
  EXPECT_EQ(again.data_dir(), options.keep_dir + "/data");
}

TEST(KeptCluster, KeepsItsDataWhenTheOwnerIsKilled) {
  const OwnTemporaryFolder place;
  const OwnedElsewhere there = start_elsewhere(kept_in(place));
  ASSERT_NE(there.postmaster, 0) << there.folder;
  const FolderWatch folder(there.folder);
  value_of(there.url, "CREATE TABLE stays AS SELECT generate_series(1, 1000) AS n");
  end_owner(there, SIGKILL);
  EXPECT_TRUE(folder.cleared());
  EXPECT_EQ(value_of(started(kept_in(place)).url(), "SELECT count(*) FROM stays"), "1000");
}

TEST(KeptCluster, KeepsItsDataWhenTheWatchdogIsKilledToo) {
  const OwnTemporaryFolder place;
  const OwnedElsewhere there = start_elsewhere(kept_in(place));
  ASSERT_NE(there.postmaster, 0) << there.folder;
  const Process server(there.postmaster);
  value_of(there.url, "CREATE TABLE stays AS SELECT generate_series(1, 1000) AS n");
  kill_watchdog_of(there.postmaster);
  end_owner(there, SIGKILL);
  const Cluster next = started(kept_in(place));
  EXPECT_FALSE(server.alive());
  EXPECT_FALSE(std::filesystem::exists(there.folder));
  EXPECT_EQ(value_of(next.url(), "SELECT count(*) FROM stays"), "1000");
}

TEST(KeptCluster, ASecondOwnerIsRefused) {
  const OwnTemporaryFolder place;
  const Cluster first = started(kept_in(place));
  const auto second = Cluster::start(kept_in(place));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "folder-in-use");
  EXPECT_EQ(value_of(first.url(), "SELECT 42"), "42");
  EXPECT_EQ(place.clusters(), 1);
}

TEST(KeptCluster, AFolderWithOtherThingsIsRefusedAndLeftAlone) {
  const OwnTemporaryFolder place;
  std::ofstream(place.path() + "/precious") << "text";
  ClusterOptions options;
  options.keep_dir = place.path();
  const auto refused = Cluster::start(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "usage");
  EXPECT_TRUE(std::filesystem::exists(place.path() + "/precious"));
  EXPECT_FALSE(std::filesystem::exists(place.path() + "/data"));
  EXPECT_EQ(place.clusters(), 0);
}

TEST(KeptCluster, AFirstStartThatFailsLeavesNothing) {
  const OwnTemporaryFolder place;
  ClusterOptions options = kept_in(place);
  options.settings = {{"no_such_setting", "1"}};
  EXPECT_EQ(error_code(options), "no-start");
  EXPECT_FALSE(std::filesystem::exists(options.keep_dir));
  options.settings.clear();
  EXPECT_EQ(error_code(options), "started");
}

TEST(KeptCluster, ALaterStartThatFailsLeavesTheData) {
  const OwnTemporaryFolder place;
  ClusterOptions options = kept_in(place);
  value_of(started(options).url(), "CREATE TABLE stays (n int)");
  options.settings = {{"no_such_setting", "1"}};
  EXPECT_EQ(error_code(options), "no-start");
  options.settings.clear();
  EXPECT_EQ(value_of(started(options).url(), "SELECT count(*) FROM stays"), "0");
}

TEST(KeptCluster, DataOfAnotherVersionIsRefused) {
  const OwnTemporaryFolder place;
  const auto servers = all_servers();
  if (servers.front().version == servers.back().version) {
    std::printf("left out: there is only one version of PostgreSQL here\n");
    return;
  }
  ClusterOptions options = kept_in(place);
  options.bin_dir = servers.back().bin_dir;
  {
    started(options);
  }
  options.bin_dir = servers.front().bin_dir;
  const auto refused = Cluster::start(options);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("PostgreSQL " + std::to_string(servers.back().version)), std::string::npos);
  EXPECT_EQ(place.clusters(), 0);
}

TEST(KeptCluster, AFolderThatTheServersUserCannotReachIsOneClearError) {
  const OwnTemporaryFolder place;
  const std::string closed = place.path() + "/closed";
  ASSERT_EQ(mkdir(closed.c_str(), geteuid() == 0 ? 0700 : 0), 0);
  ClusterOptions options;
  options.keep_dir = closed + "/kept";
  const auto refused = Cluster::start(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "no-folder");
  EXPECT_EQ(place.clusters(), 0);
  chmod(closed.c_str(), 0700);
  EXPECT_TRUE(std::filesystem::is_empty(closed));
}

}  // namespace
}  // namespace segue::pg::embedded
