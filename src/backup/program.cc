#include "backup/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "base/clock.h"
#include "base/fd.h"
#include "pg/embedded/child.h"

namespace segue::backup {
namespace {

constexpr std::size_t kKept = 65536;
constexpr double kPatience = 0.1;  // seconds between asking and forcing

// Async-signal-safe, as everything between fork and exec.
[[noreturn]] void be_program(char* const* words, char* const* environment, int output, int messages, pid_t parent) {
  pg::embedded::child_reset_signals();
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(127);
  pg::embedded::child_standard_streams(messages);
  if (output >= 0) dup2(output, STDOUT_FILENO);
  pg::embedded::child_close_from(3);
  execve(words[0], words, environment);
  constexpr std::string_view said = "cannot be run: ";
  const char* why = strerrordesc_np(errno);
  (void)!::write(STDERR_FILENO, said.data(), said.size());
  (void)!::write(STDERR_FILENO, why, std::strlen(why));
  _exit(127);
}

// What can be read now; closes the pipe at its end.
void drain(Fd& from, const std::function<void(std::string_view)>& take) {
  std::array<char, 65536> piece;
  const ssize_t got = ::read(from.get(), piece.data(), piece.size());
  if (got > 0) take({piece.data(), static_cast<std::size_t>(got)});
  if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) from.reset();
}

int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Both of its pipes, until it closes them; `end_asked` is set where go_on wanted an end.
void follow(pid_t pid, Pipe& output, Pipe& messages, const Program& program, const std::function<bool()>& go_on,
            Ended& ended) {
  Stopwatch asked;
  const auto keep = [&](std::string_view text) {
    ended.messages += text;
    if (ended.messages.size() > kKept) ended.messages.erase(0, ended.messages.size() - kKept);
  };
  bool forced = false;
  while (messages.read.open() || output.read.open()) {
    pollfd ready[] = {{messages.read.get(), POLLIN, 0}, {output.read.get(), POLLIN, 0}};
    ::poll(ready, 2, 50);
    if (messages.read.open() && ready[0].revents != 0) drain(messages.read, keep);
    if (output.read.open() && ready[1].revents != 0) drain(output.read, program.output);
    if (!ended.stopped && !go_on()) {
      ended.stopped = true;
      asked = Stopwatch();
      ::kill(pid, SIGTERM);
    }
    if (ended.stopped && !forced && asked.seconds() > kPatience) {
      forced = true;
      ::kill(-pid, SIGKILL);
    }
  }
}

}  // namespace

Result<Ended> run_watched(const Program& program, const std::function<bool()>& go_on) {
  Pipe messages = TRY(make_pipe());
  Pipe output;
  if (program.output) output = TRY(make_pipe());
  const pg::embedded::ExecText words(program.words), environment(program.environment);
  const pid_t us = getpid();
  pid_t pid = 0;
  {
    const pg::embedded::SignalsBlocked quiet;
    pid = fork();
    if (pid == 0) be_program(words.get(), environment.get(), output.write.get(), messages.write.get(), us);
  }
  if (pid < 0) return failure("no-process", program.words[0] + " cannot be started: " + std::strerror(errno));
  setpgid(pid, pid);
  messages.write.reset();
  output.write.reset();

  Ended ended;
  follow(pid, output, messages, program, go_on, ended);
  ended.exit_code = wait_for(pid);
  return ended;
}

}  // namespace segue::backup
