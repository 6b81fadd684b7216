#include "cli/confirm.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "base/terminal.h"
#include "cli/project.h"

namespace segue::cli {
void add_proxy_option(CLI::App* command, bool& is_session) {
  command->add_flag("--proxy-is-session", is_session,
                    "what stands between keeps one session for each client (pgbouncer's session mode)");
}

void add_blockers_option(CLI::App* command, int& seconds) {
  command
      ->add_option("--cancel-blockers-after", seconds,
                   "end sessions whose transaction has been in the way of a lock for so long; never unless said")
      ->check(CLI::Range(1, 86400))
      ->type_name("SECONDS");
}

bool ask_yes(const std::string& question) {
  if (!is_terminal(STDIN_FILENO)) return false;
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

Status confirm(const Program& program, pg::Connection& connection, const Question& question) {
  const bool production = TRY(is_production(program, connection));
  if (!production) {
    if (question.yes || !question.confirmed.empty() || !is_terminal(STDIN_FILENO)) return {};
    if (ask_yes(question.what + "?")) return {};
    return usage_error("nothing was done", "say yes, or --yes");
  }
  std::string said = question.confirmed;
  if (said.empty() && is_terminal(STDIN_FILENO)) {
    std::cerr << "This is production. Type the migration's name to " << question.what << ": " << std::flush;
    std::getline(std::cin, said);
  }
  if (said == question.name) return {};
  return tl::unexpected(Error{"not-confirmed",
                              "this is a production database, and the migration was not confirmed by its name",
                              {},
                              fmt::format("--confirm {}", question.name),
                              {},
                              Exit::usage});
}

}  // namespace segue::cli
