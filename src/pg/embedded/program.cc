#include "pg/embedded/program.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/fd.h"
#include "pg/embedded/child.h"

namespace segue::pg::embedded {
namespace {

// Reads to the end; the other side closes its end when it exits.
std::string read_all(int fd) {
  std::string text;
  char piece[4096];
  while (true) {
    const ssize_t got = ::read(fd, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(piece, static_cast<std::size_t>(got));
  }
}

[[noreturn]] void be_program(const ExecText& words, const ExecText& environment, const ServerUser* as, int output,
                             int trouble) {
  child_reset_signals();
  int error = as != nullptr && as->dropped ? child_become(as->uid, as->gid) : 0;
  if (error == 0) {
    // After the change of user, which would undo it. The thread that waits lives as long as this program runs.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    child_standard_streams(output);
    dup2(trouble, 3);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    trouble = 3;
    child_close_from(4);
    error = chdir("/") == 0 ? 0 : errno;
    if (error == 0) {
      execve(words.get()[0], words.get(), environment.get());
      error = errno;
    }
  }
  [[maybe_unused]] const ssize_t told = ::write(trouble, &error, sizeof error);
  _exit(127);
}

}  // namespace

Result<Ran> run_program(const std::vector<std::string>& words, const ServerUser* as) {
  Pipe output = TRY(make_pipe());
  Pipe trouble = TRY(make_pipe());
  const ExecText argv(words);
  const ExecText environment(server_environment());
  pid_t pid = 0;
  {
    const SignalsBlocked quiet;
    pid = fork();
    if (pid == 0) be_program(argv, environment, as, output.write.get(), trouble.write.get());
  }
  if (pid < 0) return failure("no-process", words[0] + " cannot be started: " + std::strerror(errno));
  output.write.reset();
  trouble.write.reset();

  Ran ran;
  ran.output = read_all(output.read.get());
  const std::string error = read_all(trouble.read.get());
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (error.size() == sizeof(int)) {
    int number = 0;
    std::memcpy(&number, error.data(), sizeof number);
    const std::string who = as != nullptr && as->dropped ? " as user " + as->name : "";
    return failure("cannot-run", words[0] + " cannot be run" + who + ": " + std::strerror(number),
                   number == EACCES ? "the programs and every folder above them must be open to that user" : "");
  }
  ran.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return ran;
}

}  // namespace segue::pg::embedded
