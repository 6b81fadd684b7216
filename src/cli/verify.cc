// segue verify: the checks of where it stands, asked again, and whether the catalog is as segue left it.
#include "engine/verify.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/json.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"

namespace segue::cli {
namespace {

void print_text(const std::vector<proof::CheckResult>& results) {
  const Paint paint(STDOUT_FILENO);
  for (const auto& one : results) {
    const auto mark = one.ok ? paint.green("ok  ") : one.warning ? paint.yellow("warn") : paint.red("FAIL");
    print_line(fmt::format("{} {} ({}): {}", mark, one.name, one.phase,
                           one.ok ? one.actual : fmt::format("expected {}, found {}", one.expected, one.actual)));
    if (one.ok || one.offending.empty()) continue;
    for (const auto& row : Json::parse(one.offending)) print_line("       " + row.dump());
    if (!one.mend.empty()) print_line("       mend: " + one.mend);
  }
}

Result<Exit> verify(const Program& program, const std::string& typed) {
  const auto results = TRY(engine::verify(TRY(database_of(program)), TRY(migration_name(program, typed))));
  if (program.json) {
    Json list = Json::array();
    for (const auto& one : results) list.push_back(proof::to_json(one));
    print_json(list);
  } else {
    print_text(results);
  }
  for (const auto& one : results) {
    if (!one.ok && !one.warning) return Exit::findings;
  }
  return Exit::done;
}

}  // namespace

void add_verify(Program& program) {
  auto name = std::make_shared<std::string>();
  auto* command = add_command(program, "verify", "ask the checks again; tell drift between ledger and catalog",
                              [&program, name] { return verify(program, *name); });
  command->add_option("NAME", *name, "which migration; the one under way without");
}

}  // namespace segue::cli
