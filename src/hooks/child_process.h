// A child in a process group of its own, with /dev/null as its input and a pipe for all that it writes.
//
// Used inside this room only; command.h is the way to it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/fd.h"
#include "hooks/command.h"

namespace segue::hooks {

class ChildProcess {
 public:
  static Result<ChildProcess> start(const Command& command);
  ChildProcess(ChildProcess&&) noexcept = default;

  // Waits until it writes or ends, at most so long, and takes up what it wrote.
  void wait(std::chrono::milliseconds longest);

  // 128 + n for signal n; nothing while it runs.
  std::optional<int> exit_code();

  // Ends the whole group; returns when nothing of it is left. Two seconds at most, and what the kernel needs.
  void end();

  // The end of what it has written so far.
  const std::string& output() const { return output_; }

 private:
  ChildProcess(pid_t pid, Fd pipe, Fd process) : pid_(pid), pipe_(std::move(pipe)), process_(std::move(process)) {}
  void read_output();

  pid_t pid_;
  Fd pipe_, process_;
  std::string output_;
  std::optional<int> exit_code_;
};

}  // namespace segue::hooks
