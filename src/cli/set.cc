// segue set NAME=VALUE…: changes what a backfill keeps to, while it runs.
#include <fmt/format.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"
#include "engine/tuning.h"
#include "ledger/run.h"
#include "ledger/schema.h"
#include "ledger/tuning.h"

namespace segue::cli {
namespace {

struct Setting {
  std::string name, value;
};

Result<std::vector<Setting>> read(const std::vector<std::string>& words) {
  std::vector<Setting> settings;
  for (const auto& word : words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) {
      return usage_error(fmt::format("'{}' is no setting", word), "write NAME=VALUE: segue set batch=5000 workers=4");
    }
    settings.push_back({word.substr(0, equals), word.substr(equals + 1)});
    TRY(engine::check_setting(settings.back().name, settings.back().value));
  }
  return settings;
}

Result<Exit> set(const Program& program, const std::vector<std::string>& words, const std::string& typed) {
  const auto settings = TRY(read(words));
  auto connection = TRY(program.connect());
  const auto name = TRY(migration_name(program, typed));
  const auto run = TRY(ledger::open_run(connection, name, "before it begins, write it into `limits:` of its file"));
  TRY(ledger::ensure(connection));
  for (const auto& one : settings) {
    TRY(ledger::set_tuning(connection, run.id, one.name, one.value == "auto" ? "" : one.value));
  }
  const auto now = TRY(ledger::tuning_of(connection, run.id));
  if (program.json) {
    print_json({{"migration", run.migration}, {"set", now}});
    return Exit::done;
  }
  for (const auto& one : settings) {
    print_line(one.value == "auto" ? fmt::format("{}: {} is again what the file says", run.migration, one.name)
                                   : fmt::format("{}: {} is {} until it ends", run.migration, one.name, one.value));
  }
  return Exit::done;
}

}  // namespace

void add_set(Program& program) {
  auto words = std::make_shared<std::vector<std::string>>();
  auto name = std::make_shared<std::string>();
  auto* command = add_command(program, "set", "change batch, workers or limits of a backfill while it runs",
                              [&program, words, name] { return set(program, *words, *name); });
  command
      ->add_option("SETTING", *words,
                   "batch=ROWS, workers=N, wal_rate=20MB, replication_lag=5s, throttle=on|off; auto: as the file says")
      ->required();
  command->add_option("--migration", *name, "which; the one under way without")->type_name("NAME");
}

}  // namespace segue::cli
