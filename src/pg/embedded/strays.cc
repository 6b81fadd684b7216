#include "pg/embedded/strays.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/fd.h"

namespace segue::pg::embedded {
namespace fs = std::filesystem;
namespace {

bool is_postgres(const std::string& process) {
  char target[4096];
  const ssize_t size = readlink((process + "/exe").c_str(), target, sizeof target);
  if (size <= 0) return false;
  std::string path(target, static_cast<std::size_t>(size));
  if (path.ends_with(" (deleted)")) path.resize(path.size() - 10);
  return path.ends_with("/postgres");
}

std::string line_of_pid_file(const std::string& data_dir, int number) {
  std::ifstream file(data_dir + "/postmaster.pid");
  std::string line;
  for (int at = 0; at < number; ++at) {
    if (!std::getline(file, line)) return {};
  }
  return line;
}

// Waits for the processes themselves: one that is about to end has left its folder before it is gone.
bool wait_until_none(const std::string& data_dir, const ServerUser& user, int milliseconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (true) {
    const std::vector<int> pids = servers_in(data_dir, user);
    if (pids.empty()) return true;
    for (const int pid : pids) {
      const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      pollfd ended{process.get(), POLLIN, 0};
      if (process.open()) poll(&ended, 1, static_cast<int>(left.count()));
    }
  }
}

}  // namespace

std::vector<int> servers_in(const std::string& data_dir, const ServerUser& user) {
  // As that user: it may look at its own processes even where root has been stripped of the right to look at others'.
  const FilesAs as(user);
  std::vector<int> pids;
  struct stat data = {};
  if (stat(data_dir.c_str(), &data) != 0) return pids;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const int pid = std::atoi(entry.path().filename().c_str());
    struct stat folder = {};
    if (pid <= 0 || stat((entry.path().string() + "/cwd").c_str(), &folder) != 0) continue;
    if (folder.st_dev != data.st_dev || folder.st_ino != data.st_ino) continue;
    if (is_postgres(entry.path().string())) pids.push_back(pid);
  }
  return pids;
}

bool stop_servers_in(const std::string& data_dir, const ServerUser& user, bool fast) {
  const std::vector<int> pids = servers_in(data_dir, user);
  if (pids.empty()) return true;
  std::string first;
  {
    const FilesAs as(user);
    first = line_of_pid_file(data_dir, 1);
  }
  const int postmaster = std::atoi(first.c_str());
  for (const int pid : pids) {
    // Without a postmaster its children have nobody to end them in order.
    if (pid == postmaster) {
      kill(pid, fast ? SIGINT : SIGQUIT);
      if (wait_until_none(data_dir, user, 5000)) return true;
    }
  }
  for (const int signal : {SIGQUIT, SIGKILL}) {
    for (const int pid : servers_in(data_dir, user)) kill(pid, signal);
    if (wait_until_none(data_dir, user, 5000)) return true;
  }
  return false;
}

std::string socket_dir_of(const std::string& data_dir, const ServerUser& user) {
  const FilesAs as(user);
  return line_of_pid_file(data_dir, 5);
}

}  // namespace segue::pg::embedded
