// A full disk is one clear error, and nothing is left behind.
#include <sched.h>
#include <sys/mount.h>

#include <cstdio>

#include "pg/embedded/cluster.h"
#include "pg/embedded/test_help.h"

namespace segue::pg::embedded {
namespace {

constexpr int kNotAllowed = 77;

bool small_disk(const std::string& folder, int kilobytes) {
  const std::string options = "mode=1777,size=" + std::to_string(kilobytes) + "k";
  return mount("tmpfs", folder.c_str(), "tmpfs", 0, options.c_str()) == 0;
}

// In a process with mounts of its own, which go with it; prints what is wrong.
template <class Body>
int with_small_disk(const std::string& folder, int kilobytes, const Body& body) {
  std::fflush(stdout);
  const int pid = fork();
  if (pid == 0) {
    const bool own = unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    if (!own || !small_disk(folder, kilobytes)) _exit(kNotAllowed);
    const int result = body();
    std::fflush(stdout);
    _exit(result);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int expect_disk_full(const ClusterOptions& options) {
  const auto cluster = Cluster::start(options);
  if (!cluster && cluster.error().code == "disk-full") return 0;
  std::printf("%s\n", cluster ? "it started" : to_text(cluster.error()).c_str());
  return 1;
}

// Whether the test could be done at all.
bool judge(int result) {
  if (result == kNotAllowed) {
    std::printf("left out: mounting a small disk needs root\n");
    return false;
  }
  EXPECT_EQ(result, 0);
  return true;
}

// Room for nothing, and for half of the data.
class FullDiskOf : public testing::TestWithParam<int> {};

TEST_P(FullDiskOf, ForATemporaryCluster) {
  const OwnTemporaryFolder place;
  judge(with_small_disk(place.path(), GetParam(), [&] {
    const int result = expect_disk_full({});
    if (place.clusters() != 0) std::printf("a folder is left\n");
    return result + place.clusters();
  }));
}

TEST_P(FullDiskOf, ForAKeptCluster) {
  const OwnTemporaryFolder place;
  const std::string disk = place.path() + "/disk";
  mkdir(disk.c_str(), 0755);
  judge(with_small_disk(disk, GetParam(), [&] {
    ClusterOptions options;
    options.keep_dir = disk + "/kept";
    const int result = expect_disk_full(options);
    if (std::filesystem::exists(options.keep_dir)) std::printf("the folder is left\n");
    return result + (std::filesystem::exists(options.keep_dir) ? 2 : 0);
  }));
}

INSTANTIATE_TEST_SUITE_P(Kilobytes, FullDiskOf, testing::Values(100, 15000));

TEST(FullDisk, WithRoomForTheDataButHardlyForMore) {
  const OwnTemporaryFolder place;
  for (int kilobytes = 38000; kilobytes <= 60000; kilobytes += 2000) {
    const bool done = judge(with_small_disk(place.path(), kilobytes, [&] {
      const auto cluster = Cluster::start({});
      if (cluster || cluster.error().code == "disk-full") return 0;
      std::printf("%d kB: %s\n", kilobytes, to_text(cluster.error()).c_str());
      return 1;
    }));
    if (!done) return;
  }
}

TEST(FullDisk, ForTheTemplate) {
  const std::string cache = "/var/cache";
  judge(with_small_disk(cache, 15000, [&] {
    const int result = expect_disk_full({});
    int left = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cache)) {
      left += entry.path().filename() == "PG_VERSION" ? 1 : 0;
    }
    return result + left;
  }));
}

TEST(Template, IsMadeOnceByManyAtOnce) {
  judge(with_small_disk("/var/cache", 400000, [&] {
    std::vector<int> owners;
    for (int at = 0; at < 4; ++at) {
      const int pid = fork();
      if (pid == 0) _exit(Cluster::start({}) ? 0 : 1);
      owners.push_back(pid);
    }
    int failed = 0;
    for (const int pid : owners) {
      int status = 0;
      waitpid(pid, &status, 0);
      failed += status == 0 ? 0 : 1;
    }
    int templates = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/var/cache/segue")) {
      for (const auto& inner : std::filesystem::directory_iterator(entry)) templates += inner.is_directory() ? 1 : 0;
    }
    if (failed != 0 || templates != 1) std::printf("%d failed, %d templates\n", failed, templates);
    return failed == 0 && templates == 1 ? 0 : 1;
  }));
}

}  // namespace
}  // namespace segue::pg::embedded
