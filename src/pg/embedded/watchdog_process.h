// The watchdog's own side: what it does after the fork. Everything here is async-signal-safe, since the owner may have
// had many threads; all text is made before the fork.
#pragma once

namespace segue::pg::embedded {

struct Order {
  char what;  // 's'tart, 'l'ook, 'f'ast stop, 'i'mmediate stop, 'k'ill
  int port;
};

struct Reply {
  int error;   // errno of a start that failed
  int pid;     // of the postmaster; 0 where none runs
  int status;  // of the last postmaster, as waitpid gives it
};

struct WatchdogOrders {
  unsigned uid;
  unsigned gid;
  bool drop;
  bool orderly;
  int socket;
  int owner;  // a pidfd, or -1
  const int* hold;
  int hold_count;
  char* const* server_words;  // the port's place is port_at
  int port_at;
  char* const* environment;
  const char* log_file;
  const char* pid_file;
  char* const* remove_words;  // the program that removes the folder
};

[[noreturn]] void be_watchdog(WatchdogOrders orders);

}  // namespace segue::pg::embedded
