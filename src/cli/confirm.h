// Asking before something is done.
#pragma once

#include <string>

#include "cli/command.h"

namespace segue::cli {

struct Question {
  bool yes = false;       // --yes
  std::string confirmed;  // --confirm NAME
  std::string name;       // of the migration
  std::string what;       // "run multi-client on postgresql://…"
};

// Production needs --confirm NAME (or the name typed in); elsewhere --yes, or a y on a terminal. Without a terminal a
// command that was typed out is its own yes.
Status confirm(const Program& program, pg::Connection& connection, const Question& question);

// --cancel-blockers-after, of every command that takes locks.
void add_blockers_option(CLI::App* command, int& seconds);
void add_proxy_option(CLI::App* command, bool& is_session);

// Asks on the terminal; false where nobody can answer.
bool ask_yes(const std::string& question);

}  // namespace segue::cli
