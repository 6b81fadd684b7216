#include "pg/embedded/watchdog_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "pg/embedded/child.h"
#include "pg/embedded/shared_memory.h"

namespace segue::pg::embedded {
namespace {

constexpr int kPatienceAtTheEnd = 5000;
constexpr int kPatienceOfAStop = 60000;

struct Watch {
  WatchdogOrders orders;
  pid_t postmaster = 0;
  int last_status = 0;
  bool others_left = false;
};

long now_ms() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void nap() {
  const timespec two_ms = {0, 2000000};
  nanosleep(&two_ms, nullptr);
}

// Takes note of every child that has ended; the orphans of a killed postmaster are children too.
void reap(Watch& watch) {
  while (true) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0) {
      watch.others_left = pid == 0 && watch.postmaster == 0;
      return;
    }
    if (pid != watch.postmaster) continue;
    watch.postmaster = 0;
    watch.last_status = status;
  }
}

bool wait_for_all(Watch& watch, int patience_ms) {
  const long end = now_ms() + patience_ms;
  while (true) {
    reap(watch);
    if (watch.postmaster == 0 && !watch.others_left) return true;
    if (now_ms() > end) return false;
    nap();
  }
}

void signal_children(int signal) {
  // One read: far more children than a private server has fit into it.
  char text[8192];
  const int fd = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const ssize_t size = ::read(fd, text, sizeof text);
  ::close(fd);
  pid_t pid = 0;
  for (ssize_t at = 0; at < size; ++at) {
    if (text[at] >= '0' && text[at] <= '9') {
      pid = pid * 10 + (text[at] - '0');
    } else {
      if (pid > 1) kill(pid, signal);
      pid = 0;
    }
  }
}

// The postmaster by its signal, then by the next harder one; then what it left behind.
void stop_server(Watch& watch, char how, int patience_ms) {
  reap(watch);
  if (watch.postmaster != 0 && how == 'f') {
    kill(watch.postmaster, SIGINT);
    const long end = now_ms() + patience_ms;
    for (reap(watch); watch.postmaster != 0 && now_ms() < end; reap(watch)) nap();
  }
  for (const int signal : {how == 'k' ? SIGKILL : SIGQUIT, SIGKILL}) {
    if (watch.postmaster != 0) kill(watch.postmaster, signal);
    if (watch.others_left) signal_children(signal);
    const long end = now_ms() + kPatienceAtTheEnd;
    for (reap(watch); watch.postmaster != 0 && now_ms() < end; reap(watch)) nap();
    if (watch.others_left) signal_children(signal);
    if (wait_for_all(watch, kPatienceAtTheEnd)) return;
  }
  wait_for_all(watch, kPatienceAtTheEnd);
}

void write_number(char* text, int number) {
  char digits[12];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  while (count > 0) *text++ = digits[--count];
  *text = '\0';
}

[[noreturn]] void be_postmaster(const WatchdogOrders& orders, int trouble) {
  child_reset_signals();
  const int log = ::open(orders.log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int error = log >= 0 ? 0 : errno;
  if (error == 0) {
    child_standard_streams(log);
    dup2(trouble, 3);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    trouble = 3;
    child_close_from(4);
    execve(orders.server_words[0], orders.server_words, orders.environment);
    error = errno;
  }
  [[maybe_unused]] const ssize_t told = ::write(trouble, &error, sizeof error);
  _exit(127);
}

// 0 or errno.
int start_server(Watch& watch, int port) {
  stop_server(watch, 'i', 0);
  write_number(watch.orders.server_words[watch.orders.port_at], port);
  int trouble[2];
  if (pipe2(trouble, O_CLOEXEC) != 0) return errno;
  watch.last_status = 0;
  const pid_t pid = _Fork();
  if (pid == 0) be_postmaster(watch.orders, trouble[1]);
  int error = pid < 0 ? errno : 0;
  ::close(trouble[1]);
  if (pid > 0) {
    watch.postmaster = pid;
    // Until the program runs (the pipe closes) or could not be run (it says why).
    ssize_t got = 0;
    while ((got = ::read(trouble[0], &error, sizeof error)) < 0 && errno == EINTR) {
    }
    if (got <= 0) error = 0;
  }
  ::close(trouble[0]);
  return error;
}

// Moves the descriptors that stay to 3, 4, …; closes all others.
void keep_only_own_descriptors(WatchdogOrders& orders, int* held) {
  // First out of the way of the low numbers.
  const int far = 64;
  int at = 0;
  int moved[16];
  moved[at++] = fcntl(orders.socket, F_DUPFD, far);
  moved[at++] = orders.owner >= 0 ? fcntl(orders.owner, F_DUPFD, far) : -1;
  for (int lock = 0; lock < orders.hold_count && at < 16; ++lock) moved[at++] = fcntl(orders.hold[lock], F_DUPFD, far);
  if (moved[0] < 0) _exit(127);
  child_standard_streams(-1);
  for (int fd = 0; fd < at; ++fd) {
    if (moved[fd] >= 0) dup2(moved[fd], 3 + fd);
  }
  child_close_from(3 + at);
  orders.socket = 3;
  orders.owner = orders.owner >= 0 ? 4 : -1;
  *held = at - 2;
}

// True until the owner has gone or has let go.
bool next_order(const WatchdogOrders& orders, Order& order) {
  while (true) {
    pollfd ends[2] = {{orders.socket, POLLIN, 0}, {orders.owner, POLLIN, 0}};
    if (poll(ends, orders.owner >= 0 ? 2 : 1, -1) < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    if (orders.owner >= 0 && ends[1].revents != 0) return false;
    const ssize_t got = recv(orders.socket, &order, sizeof order, 0);
    if (got == sizeof order) return true;
    if (got >= 0 || errno != EINTR) return false;
  }
}

}  // namespace

void be_watchdog(WatchdogOrders orders) {
  setsid();
  child_reset_signals();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP}) {
    struct sigaction ignored = {};
    ignored.sa_handler = SIG_IGN;
    sigaction(signal, &ignored, nullptr);
  }
  int held = 0;
  keep_only_own_descriptors(orders, &held);
  Watch watch{orders};
  int trouble = orders.drop ? child_become(orders.uid, orders.gid) : 0;
  if (trouble == 0 && chdir("/") != 0) trouble = errno;
  umask(077);
  prctl(PR_SET_NAME, "pg-watchdog");
  // Orphans of a killed postmaster become this process's children.
  prctl(PR_SET_CHILD_SUBREAPER, 1);

  Order order = {};
  while (next_order(orders, order)) {
    Reply reply = {};
    if (trouble != 0) {
      reply.error = trouble;
    } else if (order.what == 's') {
      reply.error = start_server(watch, order.port);
    } else if (order.what != 'l') {
      stop_server(watch, order.what, kPatienceOfAStop);
    }
    reap(watch);
    reply.pid = watch.postmaster;
    reply.status = watch.last_status;
    send(orders.socket, &reply, sizeof reply, MSG_NOSIGNAL);
  }
  stop_server(watch, orders.orderly ? 'f' : 'i', kPatienceAtTheEnd);
  if (!orders.orderly) drop_shared_memory(orders.pid_file);
  // The socket and the locks stay open in the program that this becomes, until the folder is gone.
  execve(orders.remove_words[0], orders.remove_words, orders.environment);
  _exit(127);
}

}  // namespace segue::pg::embedded
