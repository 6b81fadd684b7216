// segue run NAME, segue finish NAME: up, phase by phase, from where it stands.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <iostream>

#include "base/identity.h"
#include "base/json.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/display.h"
#include "cli/output.h"
#include "cli/project.h"
#include "cli/stop.h"
#include "engine/status.h"
#include "engine/up.h"
#include "ledger/run.h"

namespace segue::cli {
namespace {

struct Options {
  std::string name;
  std::string to;
  std::string confirm;
  bool yes = false;
  bool without_rehearsal = false;
  bool no_backup = false;
  bool backup_tables = false;
  bool proxy_is_session = false;
  bool give_up_rollback = false;
  int cancel_blockers_after = 0;
};

void print_end(const engine::UpOutcome& outcome, const std::string& name) {
  if (!outcome.did_anything) {
    print_line(fmt::format("{} stands at the end of {} already", name, migration::to_text(outcome.reached)));
    return;
  }
  const auto rows = outcome.rows > 0 ? fmt::format(", {} rows carried", with_commas(outcome.rows)) : "";
  if (outcome.state == "grace") {
    print_line(
        fmt::format("{} is in grace{}: both shapes are served, `segue rollback {}` gives everything back, `segue "
                    "finish {}` ends it",
                    name, rows, name, name));
  } else if (outcome.state == "contracted") {
    print_line(
        fmt::format("{} is contracted{}; `segue restore {}` still gives back what it removed", name, rows, name));
  } else {
    print_line(fmt::format("{} stands at the end of {}{}; `segue run {}` goes on", name,
                           migration::to_text(outcome.reached), rows, name));
  }
}

Result<Exit> go(const Program& program, const Options& options, migration::Phase to) {
  const auto file = TRY(load_migration(program, options.name));
  const auto database = TRY(database_of(program));
  {
    auto connection = TRY(program.connect());
    TRY(confirm(program, connection,
                {options.yes, options.confirm, file.name,
                 fmt::format("{} {} on {}", to == migration::Phase::contract ? "contract" : "run", file.name.value,
                             connection.target())}));
  }
  Display display(program.log == "json");
  engine::UpRequest request;
  request.options.database = database;
  request.options.folder = TRY(project_folder(program)).string();
  request.options.listener = [&](const engine::Event& event) { display.take(event); };
  request.options.stop = stop_on_signals();
  request.options.proxy_is_session = options.proxy_is_session;
  request.file = &file;
  request.to = to;
  request.give_up_rollback = options.give_up_rollback;
  request.options.end_blockers_after_s = options.cancel_blockers_after;
  request.without_rehearsal = options.without_rehearsal;
  request.backup = options.no_backup       ? engine::BackupWanted::none
                   : options.backup_tables ? engine::BackupWanted::tables
                                           : engine::BackupWanted::full;
  request.host = host_name();
  const auto outcome = engine::go_up(request);
  display.settle();
  if (!outcome) return tl::unexpected(outcome.error());
  if (program.json) {
    auto connection = TRY(program.connect());
    const auto now = TRY(engine::standing(connection, file.name));
    print_json(engine::to_json(*now));
  } else {
    print_end(*outcome, file.name);
  }
  return Exit::done;
}

Result<Exit> run_command(const Program& program, const Options& options) {
  auto to = migration::Phase::grace;
  if (!options.to.empty()) {
    const auto named = migration::phase_named(options.to);
    if (!named || *named == migration::Phase::contract) {
      return usage_error(
          fmt::format("'{}' is no phase that run goes to", options.to),
          "prepare, expand, backfill, validate, enforce, switch or grace; the contract comes with segue finish");
    }
    to = *named;
  }
  return go(program, options, to);
}

// Up to where it was going when it was stopped. A rollback that is under way is gone on with by segue rollback, which
// says first what it sets aside.
Result<Exit> resume(const Program& program, Options options) {
  {
    auto connection = TRY(program.connect());
    const auto name = TRY(migration_name(program, options.name));
    const auto run = TRY(ledger::open_run(connection, name, "segue run NAME begins one"));
    if (run.direction == "down") {
      return usage_error(fmt::format("'{}' is on its way back", run.migration),
                         fmt::format("segue rollback {} goes on with it", run.migration));
    }
    options.name = run.migration;
    options.to = TRY(ledger::up_to(connection, run.id));
  }
  if (options.to == migration::to_text(migration::Phase::contract)) {
    return go(program, options, migration::Phase::contract);
  }
  return run_command(program, options);
}

void add_shared(CLI::App* command, Options& options, bool required = true) {
  command->add_option("NAME", options.name, required ? "which migration" : "which migration; the one under way without")
      ->required(required);
  command->add_flag("--yes", options.yes, "ask nothing");
  command->add_option("--confirm", options.confirm, "the migration's name, said once more, on a production database")
      ->type_name("NAME");
  add_blockers_option(command, options.cancel_blockers_after);
  add_proxy_option(command, options.proxy_is_session);
}

}  // namespace

void add_run(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "run", "carry a migration to grace; goes on from wherever it stands",
                              [&program, options] { return run_command(program, *options); });
  add_shared(command, *options);
  command->add_option("--to", options->to, "stop at the end of this phase")->type_name("PHASE");
  command->add_flag("--without-rehearsal", options->without_rehearsal,
                    "run a plan that no rehearsal has said go to; recorded");
  command->add_flag("--give-up-rollback", options->give_up_rollback,
                    "turn round where a rollback of it stands, and go up again");
  auto* none = command->add_flag("--no-backup", options->no_backup, "take no backup before the first step");
  command->add_flag("--backup-tables", options->backup_tables, "copy only the tables that it changes; needs no pg_dump")
      ->excludes(none);
}

void add_resume(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "resume", "go on with what was paused, to where it was going",
                              [&program, options] { return resume(program, *options); });
  add_shared(command, *options, false);
}

void add_finish(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "finish", "the contract: what the old shape relied on leaves",
                              [&program, options] { return go(program, *options, migration::Phase::contract); });
  add_shared(command, *options);
  options->without_rehearsal = false;
}

}  // namespace segue::cli
