// What a freshly forked child does before it becomes another program.
//
// The owner may have many threads, so between fork and exec only async-signal-safe calls are allowed: everything here
// is one. Signals are blocked around the fork, so that no handler of the owner ever runs in the child.
#pragma once

#include <csignal>
#include <string>
#include <vector>

namespace segue::pg::embedded {

// Blocks every signal of this thread for as long as it lives.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

// Text for execve: made before the fork, since making it allocates.
class ExecText {
 public:
  explicit ExecText(std::vector<std::string> words);
  char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> words_;
  mutable std::vector<char*> pointers_;
};

// The environment that servers and their tools get: nothing of the owner's but PATH and LD_LIBRARY_PATH.
std::vector<std::string> server_environment();

// Async-signal-safe, for the child only:
void child_reset_signals();                    // default handlers, nothing blocked
int child_become(unsigned uid, unsigned gid);  // drops root for good; 0 or errno
void child_close_from(int first);              // closes every descriptor from `first` on
void child_standard_streams(int output);       // stdin from /dev/null, stdout and stderr to `output`

}  // namespace segue::pg::embedded
