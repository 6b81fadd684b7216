#include "lint/settings.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/text.h"
#include "lint/rule.h"

namespace segue::lint {
namespace {

std::string place(const YAML::Node& node, const std::string& where) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? where : fmt::format("{}:{}:{}", where, mark.line + 1, mark.column + 1);
}

Result<bool> truth(const YAML::Node& value, const std::string& where) {
  const std::string text = value.IsScalar() ? value.Scalar() : std::string();
  if (text == "true") return true;
  if (text == "false") return false;
  return usage_error("this must be true or false", {}, place(value, where));
}

Result<Severity> severity(const YAML::Node& value, const std::string& where) {
  const auto found = value.IsScalar() ? severity_of(value.Scalar()) : std::nullopt;
  if (!found) return usage_error("this must be error, warning, note or off", {}, place(value, where));
  return *found;
}

std::vector<std::string> codes() {
  std::vector<std::string> all;
  for (const Rule& rule : all_rules()) all.emplace_back(rule.code);
  return all;
}

Status read_rules(const YAML::Node& map, const std::string& where, Settings& settings) {
  if (!map.IsMap()) return usage_error("`severities` maps codes to error, warning, note or off", {}, place(map, where));
  for (const auto& entry : map) {
    const std::string code = entry.first.Scalar();
    if (find_rule(code) == nullptr) {
      const std::string nearest = nearest_word(code, codes());
      return usage_error(
          fmt::format("there is no rule `{}`", code),
          nearest.empty() ? "segue lint --explain all lists them" : fmt::format("did you mean `{}`?", nearest),
          place(entry.first, where));
    }
    settings.rules[code] = TRY(severity(entry.second, where));
  }
  return {};
}

Status read_key(const std::string& key, const YAML::Node& value, const YAML::Node& at, const std::string& where,
                Settings& settings) {
  if (key == "postgres") {
    settings.version = TRY(version_of(value.IsScalar() ? value.Scalar() : "", place(value, where)));
    settings.version_given = true;
  } else if (key == "in_transaction") {
    settings.in_transaction = TRY(truth(value, where));
  } else if (key == "fail_on") {
    settings.fail_on = TRY(severity(value, where));
  } else if (key == "applied_up_to") {
    if (!value.IsScalar()) return usage_error("`applied_up_to` is the name of a file", {}, place(value, where));
    settings.applied_up_to = value.Scalar();
  } else if (key == "severities") {
    return read_rules(value, where, settings);
  } else if (key == "exclude") {
    if (value.IsScalar()) settings.ignore.push_back(value.Scalar());
    if (!value.IsScalar() && !value.IsSequence()) {
      return usage_error("`exclude` is a list of patterns", {}, place(value, where));
    }
    for (const auto& pattern : value) {
      if (!pattern.IsScalar()) return usage_error("`exclude` is a list of patterns", {}, place(pattern, where));
      settings.ignore.push_back(pattern.Scalar());
    }
  } else {
    const std::string nearest =
        nearest_word(key, {"postgres", "in_transaction", "fail_on", "applied_up_to", "severities", "exclude"});
    return usage_error(fmt::format("there is no key `{}`", key),
                       nearest.empty() ? "" : fmt::format("did you mean `{}`?", nearest), place(at, where));
  }
  return {};
}

Result<std::string> text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return usage_error("the file cannot be read", {}, path.string());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

Result<sql::ServerVersion> version_of(const std::string& text, const std::string& where) {
  int major = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), major);
  if (error != std::errc() || major < 12 || major > 18 || (end != text.data() + text.size() && *end != '.')) {
    return usage_error("the PostgreSQL version must be one of 12 to 18", {}, where);
  }
  int minor = 0;
  if (end != text.data() + text.size()) std::from_chars(end + 1, text.data() + text.size(), minor);
  return sql::ServerVersion{major * 10000 + minor};
}

Result<Settings> read_settings(const std::string& yaml, const std::string& where, const std::string& key) {
  Settings settings;
  try {
    YAML::Node root = YAML::Load(yaml);
    if (!key.empty()) root = root.IsMap() ? root[key] : YAML::Node();
    if (!root.IsDefined() || root.IsNull()) return settings;
    if (!root.IsMap()) return usage_error("the lint settings are keys and values", {}, where);
    std::set<std::string> met;
    for (const auto& entry : root) {
      const std::string at = place(entry.first, where);
      if (!entry.first.IsScalar()) return usage_error("a key is a word", {}, at);
      if (!met.insert(entry.first.Scalar()).second)
        return usage_error(fmt::format("the key `{}` stands twice", entry.first.Scalar()), {}, at);
      TRY(read_key(entry.first.Scalar(), entry.second, entry.first, where, settings));
    }
  } catch (const YAML::Exception& error) {
    return usage_error(error.msg, {}, fmt::format("{}:{}:{}", where, error.mark.line + 1, error.mark.column + 1));
  }
  return settings;
}

Result<Settings> find_settings(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  fs::path at = fs::absolute(folder.empty() ? "." : folder, ignored).lexically_normal();
  if (!at.has_filename()) at = at.parent_path();  // a slash or a dot at the end
  for (;; at = at.parent_path()) {
    const fs::path own = at / ".segue-lint.yaml";
    if (fs::exists(own, ignored)) return read_settings(TRY(text_of_file(own)), own.string(), "");
    const fs::path project = at / "segue.yaml";
    if (fs::exists(project, ignored)) return read_settings(TRY(text_of_file(project)), project.string(), "lint");
    if (at == at.parent_path() || at.empty()) return Settings{};
  }
}

}  // namespace segue::lint
