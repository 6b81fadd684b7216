#include "cli/stop.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace segue::cli {
namespace {

std::atomic<bool> stop{false};
std::array<char, 4096> goes_with_us{};  // read by a signal handler, hence no string

// Only what a signal handler may do: _Fork and exec are among it; fork would wait for locks of the allocator.
void remove_what_goes_with_us() {
  if (goes_with_us[0] == '\0') return;
  const auto parent = ::getpid();
  if (::_Fork() != 0) return;
  while (::getppid() == parent) ::usleep(1000);  // its threads may still write there
  ::execl("/bin/rm", "rm", "-rf", goes_with_us.data(), static_cast<char*>(nullptr));
  ::_exit(127);
}

void on_signal(int number) {
  if (!stop.exchange(true)) return;
  remove_what_goes_with_us();
  ::signal(number, SIG_DFL);
  ::raise(number);
}

}  // namespace

std::atomic<bool>* stop_on_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  return &stop;
}

TemporaryFolder::TemporaryFolder(const std::string& name) {
  path_ = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
  if (::mkdtemp(path_.data()) == nullptr) {
    throw std::filesystem::filesystem_error("no temporary folder can be made", path_,
                                            std::error_code(errno, std::generic_category()));
  }
  if (path_.size() < goes_with_us.size()) std::strncpy(goes_with_us.data(), path_.c_str(), goes_with_us.size() - 1);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  goes_with_us[0] = '\0';
}

}  // namespace segue::cli
