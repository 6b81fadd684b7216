// segue diff A B: what differs between two catalogs, each a database or a snapshot file; in words or as JSON.
#include "catalog/diff.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "catalog/snapshot_json.h"
#include "cli/command.h"
#include "cli/output.h"

namespace segue::cli {
namespace {

struct Options {
  std::string before;
  std::string after;
  std::vector<std::string> schemas;
};

bool is_connection(const std::string& text) {
  return text.find("://") != std::string::npos || text.find('=') != std::string::npos;
}

Result<catalog::Snapshot> load(const std::string& side, const Options& options) {
  if (is_connection(side)) {
    auto connection = TRY(pg::Connection::open({.url = side, .application_name = "segue", .settings = {}}));
    return catalog::take_snapshot(connection, {.schemas = options.schemas});
  }
  std::ifstream file(side, std::ios::binary);
  if (!file || std::filesystem::is_directory(side)) {
    return usage_error("there is no such snapshot file",
                       "segue fingerprint --snapshot FILE makes one; a database is named by its URL", side);
  }
  std::stringstream text;
  text << file.rdbuf();
  const auto json = TRY(parse_json(text.str(), side));
  return catalog::snapshot_from_json(json, side);
}

Result<Exit> diff(const Program& program, const Options& options) {
  const auto before = TRY(load(options.before, options));
  const auto after = TRY(load(options.after, options));
  const auto differences = catalog::diff(before, after);
  if (program.json) {
    print_json(catalog::to_json(differences));
  } else if (differences.empty()) {
    print_line("no difference");
  } else {
    for (const auto& line : catalog::sentences(differences)) print_line(line);
  }
  return differences.empty() ? Exit::done : Exit::findings;
}

}  // namespace

void add_diff(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "diff", "two databases or snapshots compared in words",
                              [&program, options] { return diff(program, *options); });
  command->add_option("A", options->before, "a database's URL, or a file of fingerprint --snapshot")->required();
  command->add_option("B", options->after, "the same for the other side")->required();
  command->add_option("--schema", options->schemas, "only this schema; may be given several times")->type_name("NAME");
}

}  // namespace segue::cli
