// Where something stands in a file, and what is wrong there.
//
// Lines and columns count from 1; columns count signs, not bytes, so that an editor goes to the same place.
// A problem says what is wrong and why (message) and what to do (hint). A reader gathers all of them: the user mends
// a file once, not once per mistake.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace segue::migration {

struct Position {
  std::string file;  // as a person would name it from where he stands
  int line = 0;      // 0: it stands in no file (a default)
  int column = 0;

  bool known() const { return line > 0; }
  bool operator==(const Position&) const = default;
};

// "migrations/0003_multi_client/migration.yaml:4:12"
std::string to_text(const Position& at);

struct Problem {
  std::string code;  // stable kebab-case name, e.g. "unknown-key"
  Position at;
  std::string message;
  std::string hint;

  bool operator==(const Problem&) const = default;
};

using Problems = std::vector<Problem>;

// "file:4:12: message\n  hint: what to do\n"
std::string to_text(const Problem& problem);
std::string to_text(const Problems& problems);

// By file and place; the same problem twice is kept once.
void sort_problems(Problems& problems);

// All of them as the one error of a command (exit 2): the first in its own words, the others listed below it.
Error to_error(const Problems& problems);

}  // namespace segue::migration
