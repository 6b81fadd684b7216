// Runs a command as a child and waits for it, as a shell would: its exit code, or 128 plus the signal that ended it.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace segue::cli {

// `environment` is added to ours ("NAME=value"). SIGINT and SIGTERM that reach us are handed on to the child.
Result<int> run_child(const std::vector<std::string>& command, const std::vector<std::string>& environment);

// Blocks until SIGINT, SIGTERM or SIGHUP comes; the signal's number.
int wait_for_end();

}  // namespace segue::cli
