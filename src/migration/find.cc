// Which migration a NAME means, and which database a project means.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "base/text.h"
#include "migration/nearest.h"
#include "migration/node.h"
#include "migration/project.h"
#include "migration/reading.h"

namespace segue::migration {
namespace {

namespace fs = std::filesystem;

// 0003_multi_client: the number before the first underscore, and what follows it.
std::optional<Listed> listed_from(const fs::path& folder) {
  Listed listed;
  listed.folder = folder;
  listed.folder_name = folder.filename().string();
  const auto digits = listed.folder_name.find_first_not_of("0123456789");
  if (digits == std::string::npos || digits == 0 || digits > 9 || listed.folder_name[digits] != '_')
    return std::nullopt;
  listed.number = std::atoi(listed.folder_name.substr(0, digits).c_str());
  listed.name = listed.folder_name.substr(digits + 1);
  std::replace(listed.name.begin(), listed.name.end(), '_', '-');
  return listed;
}

// The `migration:` of a file, as far as it can be had without complaint.
std::string name_in(const fs::path& file) {
  const auto text = read_bytes(file, {}, {});
  if (!text) return {};
  Problems ignored;
  const auto root = parse_yaml(Source({}, *text), ignored);
  const auto* name = root ? root->find("migration") : nullptr;
  return name == nullptr || name->kind != Node::Kind::scalar ? std::string() : name->text;
}

std::vector<Listed> those_that(const std::vector<Listed>& all, const std::function<bool(const Listed&)>& fits) {
  std::vector<Listed> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some), fits);
  return some;
}

std::string names_of(const std::vector<Listed>& some) {
  std::vector<std::string> names;
  names.reserve(some.size());
  for (const auto& each : some) names.push_back(fmt::format("{} ({})", each.name, each.folder_name));
  return join(names, ", ");
}

Result<Listed> only_one(const std::vector<Listed>& some, std::string_view name) {
  if (some.size() == 1) return some.front();
  return usage_error(fmt::format("{} could be {} migrations: {}", shown(name), some.size(), names_of(some)),
                     "write more of the name");
}

Result<std::string> fill_in(const Text& text) {
  std::string filled;
  const std::string_view all = text.value;
  for (std::size_t at = 0; at < all.size();) {
    const auto from = all.find("${", at);
    filled += all.substr(at, from == std::string_view::npos ? from : from - at);
    if (from == std::string_view::npos) break;
    const auto to = all.find('}', from);
    const auto where = to_text(position_in(text, from));
    if (to == std::string_view::npos)
      return usage_error("a variable in `database` begins with ${ and has no end", "close it with }", where);
    const std::string name(all.substr(from + 2, to - from - 2));
    const bool fits = !name.empty() && std::all_of(name.begin(), name.end(),
                                                   [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (!fits)
      return usage_error(fmt::format("{} is no name of an environment variable", shown(name)),
                         "write for example ${DATABASE_URL}", where);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') {
      return usage_error(fmt::format("the environment variable {} is not set", name),
                         fmt::format("set it: export {}=postgresql://…, or give --database URL", name), where);
    }
    filled += value;
    at = to + 1;
  }
  return filled;
}

}  // namespace

std::vector<Listed> list_migrations(const fs::path& project_folder) {
  std::vector<Listed> all;
  std::error_code error;
  for (fs::directory_iterator at(project_folder / "migrations", error), end; !error && at != end; at.increment(error)) {
    auto listed = listed_from(at->path());
    const auto file = at->path() / "migration.yaml";
    std::error_code ignored;
    if (!listed || !fs::is_regular_file(file, ignored)) continue;
    if (auto name = name_in(file); !name.empty()) listed->name = std::move(name);
    all.push_back(std::move(*listed));
  }
  std::sort(all.begin(), all.end(), [](const Listed& a, const Listed& b) {
    return std::tie(a.number, a.folder_name) < std::tie(b.number, b.folder_name);
  });
  return all;
}

Result<Listed> find_migration(const fs::path& project_folder, std::string_view name) {
  const auto all = list_migrations(project_folder);
  if (all.empty())
    return usage_error(fmt::format("no migration stands in {}", shown_path(project_folder / "migrations")),
                       "begin one with: segue new NAME");
  if (name.empty()) {
    if (all.size() == 1) return all.front();
    return usage_error(fmt::format("which migration? There are {}: {}", all.size(), names_of(all)), "name one of them");
  }
  if (const auto some = those_that(all, [&](const Listed& each) { return each.name == name; }); !some.empty())
    return only_one(some, name);
  const auto folder = name.substr(0, name.find_last_not_of('/') + 1);  // a shell completes it with a slash
  const auto last = folder.substr(folder.rfind('/') == std::string_view::npos ? 0 : folder.rfind('/') + 1);
  if (const auto some = those_that(all, [&](const Listed& each) { return each.folder_name == last; }); !some.empty())
    return only_one(some, name);
  const auto begins = [&](const Listed& each) {
    return each.name.starts_with(name) || each.folder_name.starts_with(last);
  };
  if (const auto some = those_that(all, begins); !last.empty() && !some.empty()) return only_one(some, name);

  std::vector<std::string> names;
  for (const auto& each : all) {
    names.push_back(each.name);
    names.push_back(each.folder_name);
  }
  const auto near = nearest(name, names);
  return usage_error(fmt::format("there is no migration {}", shown(name)),
                     near.empty() ? "there are: " + names_of(all) : fmt::format("did you mean `{}`?", near));
}

Result<std::string> database_url(const Project& project, std::string_view environment) {
  if (environment.empty()) return fill_in(project.database);
  std::vector<std::string> names;
  for (const auto& each : project.environments) {
    if (each.name.value == environment) return fill_in(each.database);
    names.push_back(each.name);
  }
  const auto near = nearest(environment, names);
  return usage_error(fmt::format("segue.yaml has no environment {}", shown(environment)),
                     !near.empty()   ? fmt::format("did you mean `{}`?", near)
                     : names.empty() ? "add it under `environments:`"
                                     : "there are: " + join(names, ", "));
}

}  // namespace segue::migration
