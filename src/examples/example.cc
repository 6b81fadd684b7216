#include "examples/example.h"

#include <fmt/format.h>

#include <fstream>

#include "base/text.h"
#include "examples/embedded.h"
#include "pg/quote.h"

namespace segue::examples {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> visionwest_load = {"visionwest/legacy/schema.sql", "visionwest/legacy/generate.sql",
                                                  "visionwest/legacy/constraints.sql"};

std::vector<std::string> with(std::vector<std::string> files, const std::string& more) {
  files.push_back(more);
  return files;
}

Status write_file(const fs::path& path, std::string_view text) {
  std::error_code problem;
  fs::create_directories(path.parent_path(), problem);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file)
    return failure("cannot-write", "the file cannot be written", "check the folder and the free space", path.string());
  return {};
}

constexpr const char* project_text =
    R"(# The example {0} as a project: segue plan {1}, segue run {1} --without-rehearsal, segue status
database: ${{DATABASE_URL}}
)";

}  // namespace

std::optional<std::string_view> embedded(std::string_view path) {
  for (const auto* file = embedded_files; file->path != nullptr; ++file) {
    if (path == file->path) return std::string_view(file->begin, static_cast<std::size_t>(file->end - file->begin));
  }
  return std::nullopt;
}

const std::vector<Example>& all_examples() {
  static const std::vector<Example> list = {
      {"visionwest", "work orders of one client become those of many; phase by phase, in batches", "multi-client",
       visionwest_load, "visionwest.orders", 20000, "visionwest", "visionwest/traffic/old.yaml",
       "visionwest/traffic/new.yaml", false},
      {"visionwest-instant", "the same with a default instead of a backfill", "multi-client-instant", visionwest_load,
       "visionwest.orders", 20000, "visionwest/instant", "visionwest/traffic/old.yaml", "visionwest/traffic/new.yaml",
       false},
      {"visionwest-twin", "the same where no old column is in the way: both applications at once", "multi-client-twin",
       with(visionwest_load, "visionwest/legacy/twin.sql"), "visionwest.orders", 20000, "visionwest/twin",
       "visionwest/twin/old.yaml", "visionwest/traffic/new.yaml", true},
  };
  return list;
}

Result<Example> find_example(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& example : all_examples()) {
    if (example.name == name) return example;
    names.push_back(example.name);
  }
  const auto near = nearest_word(name, names);
  return usage_error(
      fmt::format("there is no example '{}'", name),
      fmt::format("{}the examples are: {}", near.empty() ? "" : "did you mean '" + near + "'? ", join(names, ", ")));
}

Status load(pg::Connection& connection, const Example& example, std::int64_t scale) {
  TRY(connection.execute(fmt::format("SET {} = {}", example.scale_setting, scale > 0 ? scale : example.scale)));
  for (const auto& path : example.load) {
    const auto text = embedded(path);
    if (!text) return failure("bug", fmt::format("the example's file {} is not in the program", path));
    const auto done = connection.script(*text);
    if (done) continue;
    Error error = done.error();
    error.where = path + ", " + error.where;
    return tl::unexpected(error);
  }
  return connection.execute("ANALYZE");
}

Status write_project(const Example& example, const fs::path& folder) {
  std::string folder_name = example.migration;
  std::replace(folder_name.begin(), folder_name.end(), '-', '_');
  const auto migration = folder / "migrations" / ("0001_" + folder_name);
  TRY(write_file(folder / "segue.yaml", fmt::format(project_text, example.name, example.migration)));
  const auto prefix = example.migration_folder + "/";
  for (const auto* file = embedded_files; file->path != nullptr; ++file) {
    const std::string_view path = file->path, text(file->begin, static_cast<std::size_t>(file->end - file->begin));
    if (path.starts_with(prefix) && path.find('/', prefix.size()) == std::string_view::npos && !path.ends_with(".md")) {
      const bool traffic = path == example.old_traffic || path == example.new_traffic;
      if (!traffic) TRY(write_file(migration / path.substr(prefix.size()), text));
    }
    if (path == example.old_traffic) TRY(write_file(folder / "traffic" / "old.yaml", text));
    if (path == example.new_traffic) TRY(write_file(folder / "traffic" / "new.yaml", text));
  }
  return {};
}

}  // namespace segue::examples
