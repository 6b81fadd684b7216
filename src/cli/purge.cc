// segue purge NAME: empties the trash; the way back is closed.
#include "engine/purge.h"

#include <fmt/format.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/display.h"
#include "cli/output.h"
#include "cli/project.h"
#include "cli/stop.h"
#include "ledger/schema.h"

namespace segue::cli {
namespace {

struct Options {
  std::string name, confirmed;
  bool yes = false;
};

Result<Exit> purge(const Program& program, const Options& options) {
  const auto name = TRY(migration_name(program, options.name));
  {
    auto connection = TRY(program.connect());
    if (!TRY(ledger::exists(connection))) return usage_error("nothing was run on this database yet");
    TRY(confirm(program, connection, {options.yes, options.confirmed, name, "purge " + name}));
  }
  Display display(program.log == "json");
  engine::Options engine_options;
  engine_options.database = TRY(database_of(program));
  engine_options.listener = [&](const engine::Event& event) { display.take(event); };
  engine_options.stop = stop_on_signals();
  const auto done = engine::purge(engine_options, name);
  display.settle();
  if (!done) return tl::unexpected(done.error());
  if (program.json) {
    print_json({{"migration", name}, {"state", "purged"}});
  } else {
    print_line(fmt::format("{} is purged: what the contract removed cannot be restored any more", name));
  }
  return Exit::done;
}

}  // namespace

void add_purge(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "purge", "empty the trash; closes the way back",
                              [&program, options] { return purge(program, *options); });
  command->add_option("NAME", options->name, "which migration")->required();
  command->add_flag("--yes", options->yes, "ask nothing");
  command->add_option("--confirm", options->confirmed, "the migration's name, said once more, on a production database")
      ->type_name("NAME");
}

}  // namespace segue::cli
