#include "cli/command.h"

namespace segue::cli {

void add_all_commands(Program& program) {
  add_doctor(program);
  add_sandbox(program);
  add_fingerprint(program);
  add_diff(program);
}

CLI::App* add_command(Program& program, const std::string& name, const std::string& about,
                      std::function<Result<Exit>()> run) {
  auto* command = program.app.add_subcommand(name, about);
  command->fallthrough();
  command->callback([&program, run = std::move(run)] { program.chosen = run; });
  return command;
}

Result<pg::Connection> Program::connect() const {
  return pg::Connection::open({.url = database, .application_name = "segue", .settings = {}});
}

}  // namespace segue::cli
