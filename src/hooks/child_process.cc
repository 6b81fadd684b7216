#include "hooks/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "hooks/utf8.h"

namespace segue::hooks {
namespace {

constexpr std::size_t output_limit = 4096;
constexpr std::chrono::milliseconds grace{2000};

// What the child is to be: attributes and file actions of posix_spawn, and their end.
class Spawning {
 public:
  explicit Spawning(int output, const std::string& folder) {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&actions_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;
  ~Spawning() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  const posix_spawnattr_t* attributes() const { return &attributes_; }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

bool holds_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

Status check(const Command& command) {
  if (command.words.empty() || command.words.front().empty()) {
    return usage_error("the command names no program",
                       "its first word is the program: [\"systemctl\", \"restart\", \"app\"]");
  }
  for (const auto& word : command.words) {
    if (holds_nul(word)) return usage_error("a word of the command holds a NUL", "leave it out", command.words.front());
  }
  for (const auto& [name, value] : command.environment) {
    if (name.empty() || name.find('=') != std::string::npos || holds_nul(name) || holds_nul(value)) {
      return usage_error("a variable for the command has no usable name or value",
                         "a name holds no '=', and neither holds a NUL", command.words.front());
    }
  }
  struct stat folder{};
  if (command.folder.empty()) return {};
  if (::stat(command.folder.c_str(), &folder) != 0) {
    return usage_error(fmt::format("the command's working folder cannot be entered: {}", std::strerror(errno)),
                       "check the folder's name", command.folder);
  }
  if (!S_ISDIR(folder.st_mode))
    return usage_error("the command's working folder is no folder", "check its name", command.folder);
  if (::access(command.folder.c_str(), X_OK) != 0) {
    return usage_error("the command's working folder cannot be entered: no right to", "chmod +x, or another user",
                       command.folder);
  }
  return {};
}

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : command.environment) variables.push_back(name + "=" + value);
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view name(*one, std::strcspn(*one, "="));
    bool replaced = false;
    for (const auto& added : command.environment) replaced = replaced || added.first == name;
    if (!replaced) variables.emplace_back(*one);
  }
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  list.reserve(words.size() + 1);
  for (auto& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

tl::unexpected<Error> not_started(const Command& command, int problem) {
  const auto& program = command.words.front();
  const bool is_path = program.find('/') != std::string::npos;
  const bool from_folder = is_path && program.front() != '/' && !command.folder.empty();
  const auto file = from_folder ? command.folder + "/" + program : program;
  if (problem == ENOENT && is_path && ::access(file.c_str(), F_OK) == 0) {
    return failure("not-executable",
                   "the program cannot be started: the interpreter of its first line (#!) is not there",
                   "check the file's first line, and that its line ends are not those of Windows", program);
  }
  if (problem == ENOENT || problem == ENOTDIR) {
    return failure("no-program", "there is no such program",
                   is_path ? "check its path, and the folder that it is relative to"
                           : "install it, or give its whole path; it was looked for in PATH",
                   program);
  }
  if (problem == EACCES) {
    return failure("not-executable", "the program may not be executed",
                   "chmod +x, or give its interpreter as the first word", program);
  }
  if (problem == ENOEXEC) {
    return failure("not-executable", "the program is neither binary nor script for this machine",
                   "a script begins with #! and its interpreter", program);
  }
  if (problem == E2BIG)
    return failure("command-not-started", "the command's words and variables are too long together",
                   "put them into a file", program);
  return failure("command-not-started", fmt::format("the program cannot be started: {}", std::strerror(problem)),
                 "the machine may be out of processes, memory or descriptors", program);
}

// Above the numbers that the child's own input and output have, also where ours are closed.
Fd moved_up(int number) {
  Fd low(number);
  return Fd(::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const Command& command) {
  TRY(check(command));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return not_started(command, errno);
  Fd reading = moved_up(ends[0]), writing = moved_up(ends[1]);
  if (reading.get() < 0 || writing.get() < 0) return not_started(command, EMFILE);
  ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);

  auto words = command.words, variables = environment_of(command);
  auto argv = pointers(words), envp = pointers(variables);
  const Spawning spawning(writing.get(), command.folder);
  pid_t pid = 0;
  const int problem =
      ::posix_spawnp(&pid, argv[0], spawning.actions(), spawning.attributes(), argv.data(), envp.data());
  if (problem != 0) return not_started(command, problem);
  // Wakes the wait at the child's end also where a grandchild keeps the pipe open.
  Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  return ChildProcess(pid, std::move(reading), std::move(process));
}

void ChildProcess::read_output() {
  // A background process may write without end: what a pipe holds is enough for the end of the output.
  std::array<char, 4096> piece{};
  for (int pieces = 0; pieces < 64 && pipe_.get() >= 0; ++pieces) {
    const auto count = ::read(pipe_.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;
    if (count == 0) {
      pipe_ = Fd();
      return;
    }
    output_.append(piece.data(), static_cast<std::size_t>(count));
    const auto kept = outside_limit(output_limit);
    if (output_.size() > kept) output_.erase(0, output_.size() - kept);
  }
}

void ChildProcess::wait(std::chrono::milliseconds longest) {
  std::array<pollfd, 2> watched{{{pipe_.get(), POLLIN, 0}, {process_.get(), POLLIN, 0}}};
  // Without a descriptor for the process (an old kernel) its end is found by looking often.
  const auto ms = process_.get() < 0 && pipe_.get() < 0 ? std::min<std::int64_t>(longest.count(), 10) : longest.count();
  ::poll(watched.data(), watched.size(), static_cast<int>(ms));
  read_output();
}

std::optional<int> ChildProcess::exit_code() {
  if (exit_code_) return exit_code_;
  int status = 0;
  const auto ended = ::waitpid(pid_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
  // Where somebody else has waited for it, its end is known but not how it ended.
  exit_code_ = ended < 0 ? 255 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  read_output();
  return exit_code_;
}

void ChildProcess::end() {
  const auto until = std::chrono::steady_clock::now() + grace;
  ::kill(-pid_, SIGTERM);
  // The group's number stays taken while anybody is in it, so that it cannot mean others.
  while (std::chrono::steady_clock::now() < until) {
    wait(std::chrono::milliseconds(20));
    if (exit_code() && ::kill(-pid_, 0) != 0) return;
    process_ = Fd();  // of no use for the others of the group
  }
  ::kill(-pid_, SIGKILL);
  while (!exit_code()) wait(std::chrono::milliseconds(20));
}

}  // namespace segue::hooks
