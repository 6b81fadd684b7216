#include "hooks/env_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace segue::hooks {
namespace {

constexpr std::string_view comment_start = "# segue: ";
constexpr std::string_view comment_middle = " is deprecated, use ";

bool is_name_byte(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

bool are_name_bytes(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_name_byte);
}

}  // namespace

bool is_env_name(std::string_view name) {
  return !name.empty() && are_name_bytes(name) && (name.front() < '0' || name.front() > '9') && name.front() != '.' &&
         name.front() != '-';
}

Status check_renames(const std::vector<EnvRename>& renames) {
  for (const auto& one : renames) {
    if (!is_env_name(one.from) || !are_name_bytes(one.to)) {
      return usage_error(fmt::format("'{}: {}' are no beginnings of names of variables", one.from, one.to),
                         "letters, digits and underscores, like DEAL_: OPPORTUNITY_");
    }
    if (one.from == one.to) {
      return usage_error(fmt::format("'{}' is renamed to itself", one.from), "give another beginning, or leave it out");
    }
    for (const auto& other : renames) {
      if (one.from == other.from && one.to != other.to) {
        return usage_error(fmt::format("'{}' is renamed both to '{}' and to '{}'", one.from, one.to, other.to),
                           "one of them goes");
      }
    }
  }
  return {};
}

std::optional<std::string> new_name(std::string_view name, const std::vector<EnvRename>& renames) {
  const EnvRename* best = nullptr;
  for (const auto& one : renames) {
    if (name.starts_with(one.from) && (best == nullptr || one.from.size() > best->from.size())) best = &one;
  }
  if (best == nullptr) return std::nullopt;
  return best->to + std::string(name.substr(best->from.size()));
}

std::string deprecation(const EnvName& name) {
  return fmt::format("{}{}{}{}", comment_start, name.from, comment_middle, name.to);
}

std::optional<EnvName> read_deprecation(std::string_view line, const std::vector<EnvRename>& renames) {
  const auto middle = line.find(comment_middle);
  if (!line.starts_with(comment_start) || middle == std::string_view::npos) return std::nullopt;
  EnvName name{std::string(line.substr(comment_start.size(), middle - comment_start.size())),
               std::string(line.substr(middle + comment_middle.size()))};
  if (!is_env_name(name.from) || new_name(name.from, renames) != name.to) return std::nullopt;
  return name;
}

}  // namespace segue::hooks
