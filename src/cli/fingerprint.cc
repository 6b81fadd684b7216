// segue fingerprint: catalog and data of a database as hashes; with --snapshot the catalog is kept in a file.
#include "catalog/fingerprint.h"

#include <fmt/format.h>

#include <fstream>

#include "base/json.h"
#include "base/text.h"
#include "catalog/data_fingerprint.h"
#include "catalog/snapshot_json.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"

namespace segue::cli {
namespace {

struct Options {
  std::string snapshot_file;
  std::vector<std::string> schemas;
  bool catalog_only = false;
};

Status keep(const catalog::Snapshot& snapshot, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << catalog::to_json(snapshot).dump(1) << '\n';
  file.close();
  if (!file) return usage_error("the snapshot cannot be written", "check the folder and the free space", path);
  return {};
}

void print_text(const std::string& hash, const catalog::DataFingerprint& data) {
  print_line(fmt::format("catalog  {}", hash));
  for (const auto& [table, content] : data) {
    print_line(fmt::format("{}  {:>15} rows  {}", content.hash, with_commas(content.rows), table));
  }
}

Result<Exit> fingerprint(const Program& program, const Options& options) {
  auto connection = TRY(program.connect());
  const auto snapshot = TRY(catalog::take_snapshot(connection, {.schemas = options.schemas}));
  if (!options.snapshot_file.empty()) TRY(keep(snapshot, options.snapshot_file));

  catalog::DataFingerprint data;
  if (!options.catalog_only) {
    const pg::ConnectOptions connect{.url = TRY(database_of(program)), .application_name = "segue", .settings = {}};
    data = TRY(catalog::data_fingerprint(connect, {.schemas = options.schemas, .tables = {}}));
  }
  const auto hash = catalog::fingerprint(snapshot);
  if (program.json) {
    print_json({{"catalog", hash}, {"data", catalog::to_json(data)}});
  } else {
    print_text(hash, data);
  }
  return Exit::done;
}

}  // namespace

void add_fingerprint(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "fingerprint", "catalog and data of a database as hashes",
                              [&program, options] { return fingerprint(program, *options); });
  command->add_option("--schema", options->schemas, "only this schema; may be given several times")->type_name("NAME");
  command->add_option("--snapshot", options->snapshot_file, "keep the catalog in this file, for segue diff")
      ->type_name("FILE");
  command->add_flag("--catalog-only", options->catalog_only, "do not read the data");
}

}  // namespace segue::cli
