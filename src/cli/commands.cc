#include "cli/command.h"
#include "cli/project.h"
#include "pg/own_session.h"

namespace segue::cli {

void add_all_commands(Program& program) {
  add_init(program);
  add_new(program);
  add_check(program);
  add_lint(program);
  add_plan(program);
  add_run(program);
  add_finish(program);
  add_status(program);
  add_approve(program);
  add_pause(program);
  add_resume(program);
  add_set(program);
  add_watch(program);
  add_rollback(program);
  add_restore(program);
  add_purge(program);
  add_backup(program);
  add_verify(program);
  add_history(program);
  add_spot_check(program);
  add_usage(program);
  add_retry_failed(program);
  add_accept_failed(program);
  add_doctor(program);
  add_fingerprint(program);
  add_diff(program);
  add_traffic(program);
  add_sandbox(program);
  add_demo(program);
}

CLI::App* add_command(Program& program, const std::string& name, const std::string& about,
                      std::function<Result<Exit>()> run) {
  auto* command = program.app.add_subcommand(name, about);
  command->fallthrough();
  command->callback([&program, run = std::move(run)] { program.chosen = run; });
  return command;
}

Result<pg::Connection> Program::connect() const {
  return pg::open_own_session(TRY(database_of(*this)), "segue");
}

}  // namespace segue::cli
