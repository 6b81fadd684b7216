// segue retry-failed NAME, segue accept-failed NAME: rows that a backfill could not carry.
#include "engine/failed_rows.h"

#include <fmt/format.h>

#include "base/identity.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"
#include "cli/stop.h"

namespace segue::cli {
namespace {

std::string rows_text(std::int64_t rows) {
  return with_commas(rows) + (rows == 1 ? " row" : " rows");
}

Result<Exit> retry(const Program& program, const std::string& typed) {
  engine::Options options;
  options.database = TRY(database_of(program));
  options.stop = stop_on_signals();
  const auto name = TRY(migration_name(program, typed));
  const auto retried = TRY(engine::retry_failed(options, name));
  if (program.json) {
    Json left = Json::array();
    for (const auto& one : retried.left) {
      left.push_back(
          {{"table", one.table}, {"key", Json::parse(one.key)}, {"sqlstate", one.sqlstate}, {"message", one.message}});
    }
    print_json({{"migration", name}, {"carried", retried.carried}, {"left", left}});
  } else {
    for (const auto& one : retried.left) print_line(fmt::format("{} {}: {}", one.table, one.key, one.message));
    print_line(fmt::format("{} {} carried, {} still cannot be", rows_text(retried.carried),
                           retried.carried == 1 ? "was" : "were", with_commas(std::ssize(retried.left))));
  }
  return retried.left.empty() ? Exit::done : Exit::findings;
}

struct Accept {
  std::string name, table, person, note;
};

Result<Exit> accept(const Program& program, const Accept& options) {
  auto connection = TRY(program.connect());
  const auto name = TRY(migration_name(program, options.name));
  const auto run = TRY(ledger::open_run(connection, name));
  const auto person = options.person.empty() ? user_name() : options.person;
  const auto rows = TRY(engine::accept_failed(connection, run, options.table, person, options.note));
  if (program.json) {
    print_json({{"migration", name}, {"accepted", rows}});
  } else {
    print_line(
        fmt::format("{} {} as {}", rows_text(rows), rows == 1 ? "stays" : "stay", rows == 1 ? "it is" : "they are"));
  }
  return Exit::done;
}

}  // namespace

void add_retry_failed(Program& program) {
  auto name = std::make_shared<std::string>();
  auto* command = add_command(program, "retry-failed", "carry rows that could not be, after they were mended",
                              [&program, name] { return retry(program, *name); });
  command->add_option("NAME", *name, "which migration")->required();
}

void add_accept_failed(Program& program) {
  auto options = std::make_shared<Accept>();
  auto* command = add_command(program, "accept-failed", "leave rows that cannot be carried as they are",
                              [&program, options] { return accept(program, *options); });
  command->add_option("NAME", options->name, "which migration")->required();
  command->add_option("--table", options->table, "only those of this table")->type_name("TABLE");
  command->add_option("--by", options->person, "who, instead of the user of this machine")->type_name("PERSON");
  command->add_option("--note", options->note, "why; kept")->required()->type_name("TEXT");
}

}  // namespace segue::cli
