// Runs a program to its end, without a shell, and gives back what it said. It ends with its owner.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "pg/embedded/server_user.h"

namespace segue::pg::embedded {

struct Ran {
  int exit_code = 0;   // 128 + n where signal n ended it
  std::string output;  // stdout and stderr
};

// The first word is the path of the program. An error only where it could not be started at all.
Result<Ran> run_program(const std::vector<std::string>& words, const ServerUser* as = nullptr);

}  // namespace segue::pg::embedded
