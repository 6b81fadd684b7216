#include "pg/embedded/watchdog.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "pg/embedded/child.h"
#include "pg/embedded/watchdog_process.h"

namespace segue::pg::embedded {
namespace {

constexpr int kQuick = 10000;
constexpr int kStop = 90000;  // longer than the watchdog's own patience with the server

tl::unexpected<Error> gone() {
  return failure("watchdog-gone", "the process that watches over the server is gone", "start the server again");
}

// Waits until there is something to read; false when the time is over.
bool readable(int fd, int patience_ms) {
  pollfd end{fd, POLLIN, 0};
  int ready = 0;
  while ((ready = poll(&end, 1, patience_ms)) < 0 && errno == EINTR) {
  }
  return ready > 0;
}

std::string remove_program() {
  return access("/bin/rm", X_OK) == 0 ? "/bin/rm" : "/usr/bin/rm";
}

}  // namespace

struct Watchdog::Answer : Reply {};

Result<Watchdog> Watchdog::launch(const WatchdogPlan& plan) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return failure("no-process", std::string("no watchdog for the server: ") + std::strerror(errno));
  }
  Watchdog watchdog;
  watchdog.socket_ = Fd(ends[0]);
  watchdog.owner_ = getpid();
  const Fd its_end(ends[1]);
  // Tells the watchdog that the owner is gone even where a child of the owner's still holds the socket. Old kernels
  // have none; the socket does then.
  const Fd owner(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));

  const ExecText server(
      {plan.postgres, "-D", plan.data_dir, "-k", plan.folder, "-c", "listen_addresses=127.0.0.1", "-p", "000000"});
  const ExecText remove({remove_program(), "-rf", "--", plan.folder});
  const ExecText environment(server_environment());
  const std::string pid_file = plan.data_dir + "/postmaster.pid";
  WatchdogOrders orders = {};
  orders.uid = plan.user.uid;
  orders.gid = plan.user.gid;
  orders.drop = plan.user.dropped;
  orders.orderly = plan.orderly;
  orders.socket = its_end.get();
  orders.owner = owner.get();
  orders.hold = plan.hold.data();
  orders.hold_count = static_cast<int>(plan.hold.size());
  orders.server_words = server.get();
  orders.port_at = 8;
  orders.environment = environment.get();
  orders.log_file = plan.log_file.c_str();
  orders.pid_file = pid_file.c_str();
  orders.remove_words = remove.get();
  {
    const SignalsBlocked quiet;
    watchdog.pid_ = fork();
    if (watchdog.pid_ == 0) be_watchdog(orders);
  }
  if (watchdog.pid_ < 0) {
    watchdog.pid_ = 0;
    watchdog.socket_.reset();
    return failure("no-process", std::string("no watchdog for the server: ") + std::strerror(errno));
  }
  return watchdog;
}

Watchdog& Watchdog::operator=(Watchdog&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(pid_, other.pid_);
  std::swap(owner_, other.owner_);
  return *this;
}

Result<Watchdog::Answer> Watchdog::ask(char order, int port, int patience_ms) {
  if (!socket_.open()) return gone();
  const Order message{order, port};
  if (send(socket_.get(), &message, sizeof message, MSG_NOSIGNAL) != sizeof message) return gone();
  Answer answer = {};
  if (!readable(socket_.get(), patience_ms)) {
    return failure("watchdog-silent", "the process that watches over the server does not answer");
  }
  if (recv(socket_.get(), static_cast<Reply*>(&answer), sizeof(Reply), 0) != sizeof(Reply)) return gone();
  return answer;
}

Result<int> Watchdog::start(int port) {
  const Answer answer = TRY(ask('s', port, kStop));
  if (answer.error != 0) {
    return failure(
        "no-start", std::string("the server program cannot be run: ") + std::strerror(answer.error),
        answer.error == EACCES ? "the programs and the data must be open to the user that the server runs as" : "");
  }
  return answer.pid;
}

Result<Watchdog::State> Watchdog::look() {
  const Answer answer = TRY(ask('l', 0, kQuick));
  return State{answer.pid != 0, answer.status};
}

Status Watchdog::stop(StopMode mode) {
  TRY(ask(mode == StopMode::fast ? 'f' : mode == StopMode::immediate ? 'i' : 'k', 0, kStop));
  return {};
}

bool Watchdog::end() {
  if (pid_ == 0 || owner_ != getpid()) return false;
  shutdown(socket_.get(), SHUT_WR);
  // Its end closes when all is done.
  bool done = readable(socket_.get(), kStop);
  socket_.reset();
  if (!done) kill(pid_, SIGKILL);
  int status = 0;
  pid_t reaped = 0;
  while ((reaped = waitpid(pid_, &status, 0)) < 0 && errno == EINTR) {
  }
  // Where the owner's own waiting has taken the status, the closed socket is all that is known.
  if (reaped == pid_ && WIFSIGNALED(status)) done = false;
  pid_ = 0;
  return done;
}

}  // namespace segue::pg::embedded
