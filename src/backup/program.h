// Runs a program beside us: watched, stopped when asked, gone with us.
//
// It has the environment that it is given and our folder. A stop is SIGTERM and, a tenth of a second later, SIGKILL for
// it and its children; if we are killed, it gets SIGTERM. Its messages are kept (the last 64 kB).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace segue::backup {

struct Program {
  std::vector<std::string> words;  // the first is its path
  std::vector<std::string> environment;
  std::function<void(std::string_view)> output;  // gets what it writes to stdout; empty: with its messages
};

struct Ended {
  int exit_code = 0;     // 128 + n where signal n ended it
  std::string messages;  // stderr
  bool stopped = false;  // because `go_on` said so
};

// `go_on` is asked some twenty times a second.
Result<Ended> run_watched(const Program& program, const std::function<bool()>& go_on);

}  // namespace segue::backup
