// The cases of tests/lint as data; only the tests of this folder use it.
#pragma once

#include <string>
#include <vector>

#include "lint/lint.h"

namespace segue::lint {

struct Case {
  std::string code;
  bool fires = true;
  std::string where;   // file and line of the heading
  std::string before;  // run in a database first; empty: without one
  bool with_database = false;
  Settings settings;
  int server_version = 0;  // pretended
  std::vector<Input> files;
};

// All cases under the folder; throws std::runtime_error where one cannot be read.
std::vector<Case> read_cases(const std::string& folder);

}  // namespace segue::lint
