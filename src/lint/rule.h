// A rule: what it is called, what it says, and the function that looks.
//
// A new rule is a new file in rules/ (or a few lines in that of its family) and one line in rules.cc. Rules are asked
// statement by statement, with everything known of the run before that statement; those that need to see the whole
// run are asked at its end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lint/finding.h"
#include "lint/visit.h"

namespace segue::lint {

struct Rule {
  const char* code;
  Severity severity;
  const char* title;              // one line: what is found
  std::vector<const char*> refs;  // rows of defects.md and postgres-facts.md
  const char* why;                // what happens, in a few sentences
  const char* instead;            // the form to use
  std::vector<std::string_view>
      statements;  // tags of the statements, or subtypes of ALTER TABLE's commands, that it looks at; empty: all
  void (*check)(Visit&) = nullptr;
  void (*at_end)(Run&) = nullptr;
  bool fixable = false;
};

// All of them, in the order of their documentation.
const std::vector<Rule>& all_rules();
const Rule* find_rule(std::string_view code);

}  // namespace segue::lint
