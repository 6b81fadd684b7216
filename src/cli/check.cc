// segue check [NAME]: the files of a migration, or of all, read without a database; every problem with its place.
#include <fmt/format.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"
#include "migration/schema.h"

namespace segue::cli {
namespace {

struct Options {
  std::string name;
  std::string schema;
};

Json as_json(const migration::Problems& problems) {
  Json list = Json::array();
  for (const auto& problem : problems) {
    list.push_back({{"code", problem.code},
                    {"file", problem.at.file},
                    {"line", problem.at.line},
                    {"column", problem.at.column},
                    {"message", problem.message},
                    {"hint", problem.hint}});
  }
  return list;
}

Result<Exit> print_schema(const std::string& which) {
  if (which == "migration") print_json(migration::json_schema(migration::File::migration));
  if (which == "project") print_json(migration::json_schema(migration::File::project));
  if (which == "lint") print_json(migration::json_schema(migration::File::lint));
  if (which == "reference") print(migration::reference_markdown());
  return Exit::done;
}

Result<Exit> check(const Program& program, const Options& options) {
  if (!options.schema.empty()) return print_schema(options.schema);
  const auto folder = TRY(project_folder(program));
  migration::Problems problems;
  if (const auto project = migration::read_project(folder); !project) problems = project.error();
  std::vector<migration::Listed> chosen;
  if (options.name.empty()) {
    chosen = migration::list_migrations(folder);
  } else {
    chosen.push_back(TRY(migration::find_migration(folder, options.name)));
  }
  for (const auto& one : chosen) {
    const auto read = migration::read_migration(one.folder);
    if (!read) problems.insert(problems.end(), read.error().begin(), read.error().end());
    if (read && !program.json) {
      print_line(fmt::format("{}: {} moves, {} checks, {} probes, {} gates; its files are well formed", one.name,
                             read->moves.size(), read->checks.size(), read->probes.size(), read->gates.size()));
    }
  }
  if (program.json) {
    print_json(as_json(problems));
  } else {
    print(migration::to_text(problems));
  }
  return problems.empty() ? Exit::done : Exit::usage;
}

}  // namespace

void add_check(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "check", "a migration's files, read without a database",
                              [&program, options] { return check(program, *options); });
  command->add_option("NAME", options->name, "which migration; all of them without");
  command
      ->add_option("--schema", options->schema,
                   "print the JSON Schema that editors check with, or the reference of all keys")
      ->check(CLI::IsMember({"migration", "project", "lint", "reference"}))
      ->type_name("FILE");
}

}  // namespace segue::cli
