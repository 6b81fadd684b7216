// segue doctor: can this server and this user do it; what to change where not.
#include <fmt/format.h>
#include <unistd.h>

#include "base/json.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"
#include "engine/preflight.h"
#include "pg/capability.h"

namespace segue::cli {
namespace {

Json as_json(const std::vector<pg::Finding>& found) {
  Json list = Json::array();
  for (const auto& one : found) {
    list.push_back({{"name", one.name}, {"ok", !one.hinders()}, {"message", one.message}, {"fix", one.fix}});
  }
  return list;
}

void print_text(const std::string& target, const std::vector<pg::Finding>& found, bool everything) {
  const Paint paint(STDOUT_FILENO);
  print_line(paint.bold(target));
  for (const auto& one : found) {
    if (one.detail && !everything) continue;
    const bool unread = one.weight == pg::Finding::Weight::unread;
    const auto mark = unread ? paint.yellow("?   ") : !one.hinders() ? paint.green("ok  ") : paint.red("MEND");
    print_line(fmt::format("{} {:<25} {}", mark, one.name, one.message));
    if (!one.fix.empty()) print_line(fmt::format("{:>31}{}", "", paint.yellow(one.fix)));
  }
}

Result<Exit> doctor(const Program& program) {
  // Also a server that is too old is told what is wrong with it; a timeout meant for the application hinders no
  // question.
  auto connection = TRY(pg::Connection::open(
      {.url = TRY(database_of(program)), .application_name = "segue", .settings = {{"statement_timeout", "0"}}}));
  auto found = TRY(pg::capabilities(connection));
  if (connection.server_version() >= 140000) found.push_back(TRY(engine::whose_ledger(connection)));
  if (program.json) {
    print_json(as_json(found));
  } else {
    print_text(connection.target(), found, program.verbose);
  }
  const bool well = std::all_of(found.begin(), found.end(), [](const auto& one) { return !one.hinders(); });
  return well ? Exit::done : Exit::findings;
}

}  // namespace

void add_doctor(Program& program) {
  add_command(program, "doctor", "can this server and this user do it; what to change where not",
              [&program] { return doctor(program); });
}

}  // namespace segue::cli
