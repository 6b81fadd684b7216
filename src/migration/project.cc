#include "migration/project.h"

#include <fmt/format.h>

#include "migration/extract.h"
#include "migration/form.h"
#include "migration/validate.h"

namespace segue::migration {
namespace {

namespace fs = std::filesystem;

constexpr const char* project_file = "segue.yaml";

std::vector<Environment> take_environments(const Fields& root) {
  std::vector<Environment> environments;
  const auto* node = root.find("environments");
  if (node == nullptr) return environments;
  for (const auto& [name, value] : node->entries) {
    Environment environment{root.text_of(name), {}, {false, {}}};
    if (value.kind == Node::Kind::map) {
      const Fields fields(root.reading(), root.source(), &value);
      environment.database = fields.text("database");
      environment.production = fields.flag("production", false);
    } else {
      environment.database = root.text_of(value);
    }
    environments.push_back(std::move(environment));
  }
  return environments;
}

// Reads a whole file by its form. An empty file says nothing and is fine: every key of these files may be left out.
template <class T, class Take>
tl::expected<T, Problems> read_whole(std::string_view text, const fs::path& path, const Form& form, Take take) {
  Reading reading(path.parent_path());
  const Source source(shown_path(path), std::string(text));
  Problems problems;
  const auto root = parse_yaml(source, problems);
  reading.add(std::move(problems));
  if (root && root->kind != Node::Kind::empty) validate(*root, mapping(form), "the file", source, reading);
  auto taken = take(Fields(reading, source, root ? &*root : nullptr));
  if (auto found = reading.take_problems(); !found.empty()) return tl::unexpected(std::move(found));
  return taken;
}

tl::expected<std::string, Problems> bytes_of(const fs::path& path) {
  auto text = read_bytes(path, {shown_path(path), 0, 0}, path.filename().string());
  if (!text) return tl::unexpected(Problems{std::move(text).error()});
  return std::move(*text);
}

}  // namespace

std::optional<fs::path> find_project(const fs::path& start) {
  std::error_code error;
  for (auto folder = fs::absolute(start, error).lexically_normal();; folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / project_file, error)) return folder;
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

tl::expected<Project, Problems> read_project_text(std::string_view text, const fs::path& folder) {
  return read_whole<Project>(text, folder / project_file, project_form(), [&](const Fields& root) {
    Project project;
    project.folder = folder;
    project.database = root.text("database");
    project.production = root.flag("production", false);
    project.environments = take_environments(root);
    const auto* notify = root.find("notify");
    project.notify = notify == nullptr ? Json::object() : to_json(*notify);
    project.notify_at = root.at("notify");
    project.contacts = take_contacts(root, "contacts");
    return project;
  });
}

tl::expected<Project, Problems> read_project(const fs::path& folder) {
  const auto text = bytes_of(folder / project_file);
  if (!text) return tl::unexpected(text.error());
  return read_project_text(*text, folder);
}

}  // namespace segue::migration
