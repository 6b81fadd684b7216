// segue init, segue new NAME: a project, a migration, each with what a newcomer needs to go on.
#include <fmt/format.h>

#include <filesystem>

#include "base/json.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"
#include "migration/scaffold.h"

namespace segue::cli {
namespace {

Exit show(const Program& program, const migration::Paths& written, const std::string& next) {
  if (program.json) {
    Json list = Json::array();
    for (const auto& path : written) list.push_back(path.string());
    print_json({{"written", list}});
    return Exit::done;
  }
  for (const auto& path : written) print_line("wrote " + std::filesystem::relative(path).string());
  print_line(next);
  return Exit::done;
}

Result<Exit> init(const Program& program) {
  const std::filesystem::path folder =
      program.folder.empty() ? std::filesystem::current_path() : std::filesystem::path(program.folder);
  const auto written = TRY(migration::write_project(folder));
  return show(program, written, "next: segue new NAME");
}

Result<Exit> add(const Program& program, const std::string& name) {
  const auto written = TRY(migration::write_migration(TRY(project_folder(program)), name));
  return show(program, written,
              fmt::format("next: write its moves, then segue check {} and segue plan {}", name, name));
}

}  // namespace

void add_init(Program& program) {
  add_command(program, "init", "a project: segue.yaml and migrations/", [&program] { return init(program); });
}

void add_new(Program& program) {
  auto name = std::make_shared<std::string>();
  auto* command = add_command(program, "new", "a new migration", [&program, name] { return add(program, *name); });
  command->add_option("NAME", *name, "what it is called: small letters, digits and -")->required();
}

}  // namespace segue::cli
