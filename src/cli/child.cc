#include "cli/child.h"

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

namespace segue::cli {
namespace {

sigset_t end_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

// The child starts with no signal blocked and none ignored.
class ChildAttributes {
 public:
  ChildAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    const auto defaults = end_signals();
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~ChildAttributes() { posix_spawnattr_destroy(&attributes_); }
  ChildAttributes(const ChildAttributes&) = delete;
  ChildAttributes& operator=(const ChildAttributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (auto& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

Result<int> run_child(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
  std::vector<std::string> words = command, variables = environment;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view name(*one, std::strcspn(*one, "=") + 1);
    bool replaced = false;
    for (const auto& ours : environment) replaced = replaced || ours.compare(0, name.size(), name) == 0;
    if (!replaced) variables.emplace_back(*one);
  }
  auto argv = pointers(words), envp = pointers(variables);

  // A signal for the whole terminal reaches the child by itself; we only wait. One sent to us alone is handed on.
  sigset_t waited = end_signals(), before;
  sigaddset(&waited, SIGCHLD);
  pthread_sigmask(SIG_BLOCK, &waited, &before);
  const ChildAttributes attributes;
  pid_t pid = 0;
  if (const int problem = posix_spawnp(&pid, argv[0], nullptr, attributes.get(), argv.data(), envp.data())) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return usage_error(fmt::format("cannot run '{}': {}", command.front(), std::strerror(problem)),
                       "what stands after -- is a command and its arguments");
  }
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    siginfo_t info{};
    const int signal = sigwaitinfo(&waited, &info);
    if (signal > 0 && signal != SIGCHLD && info.si_code == SI_USER) ::kill(pid, signal);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int wait_for_end() {
  const auto set = end_signals();
  int signal = 0;
  sigwait(&set, &signal);
  return signal;
}

}  // namespace segue::cli
