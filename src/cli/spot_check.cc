// segue spot-check: records drawn at random, old and new side by side.
#include "engine/spot_check.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/json.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"

namespace segue::cli {
namespace {

constexpr std::size_t most_width = 40;  // of a value
constexpr int most_records = 10000;

std::string shown(const std::string& value) {
  return cut(one_line(value), most_width);
}

void print_record(const Paint& paint, const engine::SpotRecord& record) {
  std::string old;
  for (const auto& [column, value] : record.old) {
    old += fmt::format("{}{} {}", old.empty() ? "" : ", ", column, shown(value));
  }
  std::string carried;
  for (const auto& one : record.carried) {
    carried += fmt::format("{}{} {}", carried.empty() ? "" : ", ", one.column, shown(one.actual));
    if (!record.right && one.actual != one.expected) carried += fmt::format(" (expected {})", shown(one.expected));
  }
  print_line(fmt::format("  {} {:<24}  {}  →  {}", record.right ? paint.green("ok  ") : paint.red("FAIL"),
                         shown(record.key), old, carried));
}

Result<Exit> spot_check(const Program& program, const std::string& typed, int count) {
  const auto tables = TRY(engine::spot_check(TRY(database_of(program)), TRY(migration_name(program, typed)), count));
  std::size_t looked = 0, wrong = 0;
  for (const auto& table : tables) {
    for (const auto& record : table.records) {
      ++looked;
      wrong += record.right ? 0 : 1;
    }
  }
  if (program.json) {
    print_json(engine::to_json(tables));
  } else {
    const Paint paint(STDOUT_FILENO);
    for (const auto& table : tables) {
      print_line(paint.bold(table.step));
      for (const auto& record : table.records) print_record(paint, record);
    }
    print_line(fmt::format("{} records looked at, {} wrong", with_commas(static_cast<std::int64_t>(looked)),
                           with_commas(static_cast<std::int64_t>(wrong))));
  }
  return wrong > 0 ? Exit::findings : Exit::done;
}

}  // namespace

void add_spot_check(Program& program) {
  auto name = std::make_shared<std::string>();
  auto count = std::make_shared<int>(100);
  auto* command = add_command(program, "spot-check", "records drawn at random, old and new side by side",
                              [&program, name, count] { return spot_check(program, *name, *count); });
  command->add_option("NAME", *name, "which migration; the one under way without");
  command->add_option("--records", *count, "so many of each backfill")
      ->check(CLI::Range(1, most_records))
      ->type_name("N");
}

}  // namespace segue::cli
