// Runs a program around a migration and waits for its end. No shell: the words are the program's arguments as they are.
//
// The child has a process group of its own, /dev/null as its input, none of our file descriptors, no signal blocked or
// ignored. After the timeout or a stop the whole group gets SIGTERM, and what is left of it after two seconds SIGKILL.
// A process that the command leaves behind in the background lives on and keeps nobody waiting; what it writes later is
// lost. If segue itself is killed, the command lives on.
//
// An exit code other than 0 is no error: what it means is the caller's business. A program that is not there
// ("no-program") or that may not or cannot be executed ("not-executable") is one. Messages show the program's name
// only, never its arguments, which may be secrets. Safe to call from several threads.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace segue::hooks {

struct Command {
  std::vector<std::string> words;  // the first is the program: a path, or a name that is looked for in our PATH
  std::vector<std::pair<std::string, std::string>> environment{};  // added to ours, in place of what has the same name
  std::string folder{};                                            // working folder; empty: ours
  std::chrono::milliseconds timeout{std::chrono::minutes(5)};
};

struct Ended {
  int exit_code = 0;   // 128 + n for signal n
  std::string output;  // the last 4 KB of what it wrote, stdout and stderr as they came; valid UTF-8
  double ms = 0;
};

// `stop` begins the end of it within 50 ms (error "stopped"); it may be null.
Result<Ended> run(const Command& command, const std::atomic<bool>* stop);

}  // namespace segue::hooks
