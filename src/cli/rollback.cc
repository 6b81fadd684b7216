// segue rollback NAME, segue restore NAME: the way back.
#include <fmt/format.h>
#include <unistd.h>

#include "base/json.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/display.h"
#include "cli/output.h"
#include "cli/project.h"
#include "cli/stop.h"
#include "engine/down.h"

namespace segue::cli {
namespace {

struct Options {
  std::string name;
  std::string to;
  std::string confirm;
  bool yes = false;
  int cancel_blockers_after = 0;
  bool proxy_is_session = false;
};

bool agree(const Options& options, const std::vector<engine::KeepCount>& counts) {
  std::int64_t all = 0;
  for (const auto& one : counts) {
    all += one.rows;
    print_line(fmt::format("to be set aside: {} rows of {} ({})", with_commas(one.rows), one.table, one.reason));
  }
  if (all == 0) print_line("no row has to be set aside");
  if (options.yes || !options.confirm.empty() || !is_terminal(STDIN_FILENO)) return true;
  return ask_yes("go back? Rows set aside come back with the next run.");
}

void print_end(const engine::DownOutcome& outcome, const std::string& name) {
  const auto kept = outcome.kept > 0
                        ? fmt::format("; {} rows are set aside in segue.kept_row and come back with the next run",
                                      with_commas(outcome.kept))
                        : std::string();
  if (outcome.whole_way) {
    print_line(fmt::format("{} is rolled back to the beginning{}", name, kept));
    print_line(outcome.catalog_equal
                   ? "the catalog is what it was before the first step"
                   : "the catalog is not what it was before the first step: somebody changed it meanwhile");
  } else {
    print_line(fmt::format("{} is back ({}){}; `segue run {}` goes on from there", name, outcome.state, kept, name));
  }
}

Result<Exit> go(const Program& program, const Options& options, bool restore) {
  engine::DownRequest request;
  request.migration = TRY(migration_name(program, options.name));
  request.restore = restore;
  if (!options.to.empty()) {
    request.to = migration::phase_named(options.to);
    if (!request.to || *request.to >= migration::Phase::grace) {
      return usage_error(fmt::format("'{}' is no phase that a rollback goes back to", options.to),
                         "prepare, expand, backfill, validate, enforce or switch: the end of that phase");
    }
  }
  {
    auto connection = TRY(program.connect());
    if (TRY(is_production(program, connection)) && options.confirm != request.migration) {
      TRY(confirm(program, connection,
                  {options.yes, options.confirm, request.migration, "go back with " + request.migration}));
    }
  }
  Display display(program.log == "json");
  request.options.database = TRY(database_of(program));
  if (const auto folder = project_folder(program)) request.options.folder = folder->string();
  request.options.listener = [&](const engine::Event& event) { display.take(event); };
  request.options.stop = stop_on_signals();
  request.options.proxy_is_session = options.proxy_is_session;
  request.options.end_blockers_after_s = options.cancel_blockers_after;
  if (program.json) {
    request.agree = [](const auto&) { return true; };
  } else {
    request.agree = [&](const auto& counts) { return agree(options, counts); };
  }
  const auto outcome = engine::go_down(request);
  display.settle();
  if (!outcome) return tl::unexpected(outcome.error());
  if (program.json) {
    print_json({{"migration", request.migration},
                {"state", outcome->state},
                {"kept", outcome->kept},
                {"catalog_equal", outcome->catalog_equal}});
  } else {
    print_end(*outcome, request.migration);
  }
  return Exit::done;
}

void add_shared(CLI::App* command, Options& options) {
  command->add_option("NAME", options.name, "which migration")->required();
  command->add_flag("--yes", options.yes, "ask nothing");
  command->add_option("--confirm", options.confirm, "the migration's name, said once more, on a production database")
      ->type_name("NAME");
  add_blockers_option(command, options.cancel_blockers_after);
  add_proxy_option(command, options.proxy_is_session);
}

}  // namespace

void add_rollback(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "rollback", "back to a boundary, after saying what is set aside",
                              [&program, options] { return go(program, *options, false); });
  add_shared(command, *options);
  command->add_option("--to", options->to, "back to the end of this phase; the beginning without")->type_name("PHASE");
}

void add_restore(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "restore", "give back what the contract removed, until it is purged",
                              [&program, options] { return go(program, *options, true); });
  add_shared(command, *options);
}

}  // namespace segue::cli
