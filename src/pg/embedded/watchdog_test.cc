// Whatever ends the owner, the server and its folder go.
#include "pg/embedded/watchdog.h"

#include "pg/embedded/test_help.h"

namespace segue::pg::embedded {
namespace {

class WatchdogTest : public testing::Test {
 protected:
  OwnTemporaryFolder place;
};

class EndedOwner : public WatchdogTest, public testing::WithParamInterface<int> {};

TEST_P(EndedOwner, TakesTheServerAndTheFolderAlong) {
  const OwnedElsewhere there = start_elsewhere();
  ASSERT_NE(there.postmaster, 0) << there.folder;
  const Process server(there.postmaster);
  const Process watchdog(parent_of(there.postmaster));
  const FolderWatch folder(there.folder);
  EXPECT_EQ(value_of(there.url, "SELECT 42"), "42");
  end_owner(there, GetParam());
  EXPECT_TRUE(watchdog.gone());
  EXPECT_FALSE(server.alive());
  EXPECT_TRUE(folder.cleared());
}

INSTANTIATE_TEST_SUITE_P(BySignal, EndedOwner, testing::Values(SIGKILL, SIGTERM, SIGINT, SIGHUP));

TEST_F(WatchdogTest, IsNotReachedByWhatATerminalSends) {
  const Cluster cluster = started();
  const int watchdog = parent_of(cluster.postmaster_pid());
  EXPECT_EQ(getsid(watchdog), watchdog);
  EXPECT_EQ(getsid(cluster.postmaster_pid()), watchdog);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) kill(watchdog, signal);
  EXPECT_EQ(value_of(cluster.url(), "SELECT 42"), "42");
  EXPECT_TRUE(Process(watchdog).alive());
}

TEST_F(WatchdogTest, HoldsNothingOfTheOwner) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);  // not closed on exec, as a careless owner might have it
  const Fd reader(ends[0]);
  const Cluster cluster = started();
  ::close(ends[1]);
  char byte = 0;
  EXPECT_EQ(::read(reader.get(), &byte, 1), 0) << "somebody still holds the other end";
}

TEST_F(WatchdogTest, KilledAlongWithTheOwnerItsLeftoversGoAtTheNextStart) {
  const OwnedElsewhere there = start_elsewhere();
  ASSERT_NE(there.postmaster, 0) << there.folder;
  const Process server(there.postmaster);
  kill_watchdog_of(there.postmaster);
  end_owner(there, SIGKILL);
  EXPECT_TRUE(server.alive());
  EXPECT_TRUE(std::filesystem::exists(there.folder));

  const Cluster next = started();
  EXPECT_FALSE(server.alive());
  EXPECT_FALSE(std::filesystem::exists(there.folder));
  EXPECT_EQ(value_of(next.url(), "SELECT 42"), "42");
}

TEST_F(WatchdogTest, OrphansOfAKilledPostmasterGoAtTheNextStartToo) {
  const OwnedElsewhere there = start_elsewhere();
  ASSERT_NE(there.postmaster, 0) << there.folder;
  auto busy = Connection::open({.url = there.url, .settings = {}});
  ASSERT_TRUE(busy);
  const Process backend(busy->backend_pid());
  kill_watchdog_of(there.postmaster);
  end_owner(there, SIGKILL);
  kill(there.postmaster, SIGKILL);
  const Cluster next = started();
  EXPECT_FALSE(backend.alive());
  EXPECT_FALSE(std::filesystem::exists(there.folder));
}

TEST_F(WatchdogTest, KilledAloneTheOwnerStillStopsAndStartsTheServer) {
  {
    Cluster cluster = started();
    const Process server(cluster.postmaster_pid());
    value_of(cluster.url(), "CREATE TABLE stays (n int)");
    kill_watchdog_of(cluster.postmaster_pid());
    EXPECT_EQ(value_of(cluster.url(), "SELECT 42"), "42");
    ASSERT_TRUE(cluster.stop());
    EXPECT_FALSE(server.alive());
    const auto again = cluster.start_again();
    ASSERT_TRUE(again) << to_text(again.error());
    EXPECT_EQ(value_of(cluster.url(), "SELECT count(*) FROM stays"), "0");
    kill_watchdog_of(cluster.postmaster_pid());
  }
  EXPECT_EQ(place.clusters(), 0);
}

TEST_F(WatchdogTest, AChildOfTheOwnerEndsNothing) {
  const Cluster cluster = started();
  const int child = fork();
  if (child == 0) {
    // What a destructor in a forked child does.
    Cluster copy = std::move(const_cast<Cluster&>(cluster));
    {
      const Cluster gone = std::move(copy);
    }
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  EXPECT_EQ(value_of(cluster.url(), "SELECT 42"), "42");
}

}  // namespace
}  // namespace segue::pg::embedded
