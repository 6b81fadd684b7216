// For the tests of this folder: processes and folders that a test needs around a cluster. No test waits for a time: it
// waits for a process to go or for a lock to be free.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "base/fd.h"
#include "pg/connection.h"
#include "pg/embedded/cluster.h"
#include "pg/embedded/places.h"

namespace segue::pg::embedded {

// A folder that everybody can write to, as /tmp is; TMPDIR while it lives, so that no other test's clusters are seen.
// In memory where there is plenty: some file systems are slow when thousands of files come and go.
class OwnTemporaryFolder {
 public:
  OwnTemporaryFolder() {
    struct statvfs memory = {};
    const bool roomy = statvfs("/dev/shm", &memory) == 0 && memory.f_bavail * memory.f_frsize > (2UL << 30);
    path_ = std::string(roomy ? "/dev/shm" : "/tmp") + "/segue-test-XXXXXX";
    mkdtemp(path_.data());
    chmod(path_.c_str(), 01777);
    spread_over_disk(path_);
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    setenv("TMPDIR", path_.c_str(), 1);
  }
  ~OwnTemporaryFolder() {
    before_.empty() ? unsetenv("TMPDIR") : setenv("TMPDIR", before_.c_str(), 1);
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  // What clusters are there.
  int clusters() const {
    int count = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             path_, std::filesystem::directory_options::skip_permission_denied, ignored)) {
      count += entry.path().filename().string().starts_with("pg-") ? 1 : 0;
    }
    return count;
  }

 private:
  std::string path_;
  std::string before_;
};

inline std::string value_of(const std::string& url, const std::string& sql) {
  auto connection = Connection::open({.url = url, .settings = {}});
  if (!connection) return to_text(connection.error());
  const auto value = connection->value(sql);
  return value ? *value : to_text(value.error());
}

inline Cluster started(const ClusterOptions& options = {}) {
  auto cluster = Cluster::start(options);
  if (!cluster) throw std::runtime_error(to_text(cluster.error()));
  return *std::move(cluster);
}

inline std::string error_code(const ClusterOptions& options) {
  auto cluster = Cluster::start(options);
  return cluster ? "started" : cluster.error().code;
}

inline int parent_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  while (file >> word) {
    if (word == "PPid:") break;
  }
  int parent = 0;
  file >> parent;
  return parent;
}

// A process that may belong to somebody else; waiting for its end cannot mistake another for it.
class Process {
 public:
  explicit Process(int pid) : pidfd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}
  bool gone(int patience_ms = 30000) const {
    if (!pidfd_.open()) return true;
    pollfd end{pidfd_.get(), POLLIN, 0};
    return poll(&end, 1, patience_ms) == 1;
  }
  bool alive() const { return !gone(0); }

 private:
  Fd pidfd_;
};

// The lock of a cluster's folder, opened while the folder is there.
class FolderWatch {
 public:
  explicit FolderWatch(const std::string& path) : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  // Waits until neither owner nor watchdog hold it; true if the folder is gone then.
  bool cleared() const {
    if (fd_.open()) flock(fd_.get(), LOCK_EX);
    return !std::filesystem::exists(path_);
  }

 private:
  std::string path_;
  Fd fd_;
};

struct OwnedElsewhere {
  int owner = 0;
  int postmaster = 0;
  std::string folder;
  std::string url;
};

// A cluster whose owner is another process, which does nothing any more.
inline OwnedElsewhere start_elsewhere(const ClusterOptions& options = {}) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const int owner = fork();
  if (owner == 0) {
    // A shell that starts the tests in the background has them ignored.
    for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::signal(one, SIG_DFL);
    auto cluster = Cluster::start(options);
    std::string text = cluster ? std::to_string(cluster->postmaster_pid()) + "\n" + cluster->socket_dir() + "\n" +
                                     cluster->url() + "\n"
                               : "0\n" + to_text(cluster.error()) + "\n\n";
    [[maybe_unused]] const ssize_t told = ::write(ends[1], text.data(), text.size());
    ::close(ends[1]);
    while (true) pause();
  }
  ::close(ends[1]);
  const Fd reader(ends[0]);
  std::string text;
  char piece[512];
  ssize_t got = 0;
  while ((got = ::read(reader.get(), piece, sizeof piece)) > 0) text.append(piece, static_cast<std::size_t>(got));
  std::istringstream lines(text);
  OwnedElsewhere there;
  there.owner = owner;
  lines >> there.postmaster;
  lines.ignore();
  std::getline(lines, there.folder);
  std::getline(lines, there.url);
  return there;
}

// Kills the watchdog alone, and waits until it is gone: only then are its locks free.
inline void kill_watchdog_of(int postmaster) {
  const int pid = parent_of(postmaster);
  const Process watchdog(pid);
  kill(pid, SIGKILL);
  watchdog.gone();
}

inline void end_owner(const OwnedElsewhere& there, int signal) {
  kill(there.owner, signal);
  waitpid(there.owner, nullptr, 0);
}

}  // namespace segue::pg::embedded
