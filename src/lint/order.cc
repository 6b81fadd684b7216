#include "lint/order.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/text.h"

namespace segue::lint {
namespace {

namespace fs = std::filesystem;

bool is_digit(char sign) {
  return sign >= '0' && sign <= '9';
}

// Numbers inside names compare by value, whatever zeros stand before them.
int compare(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      while (i < a.size() && a[i] == '0') ++i;
      while (j < b.size() && b[j] == '0') ++j;
      const std::size_t from_a = i;
      const std::size_t from_b = j;
      while (i < a.size() && is_digit(a[i])) ++i;
      while (j < b.size() && is_digit(b[j])) ++j;
      if (i - from_a != j - from_b) return i - from_a < j - from_b ? -1 : 1;
      const int order = a.substr(from_a, i - from_a).compare(b.substr(from_b, j - from_b));
      if (order != 0) return order;
      continue;
    }
    if (a[i] != b[j]) return a[i] < b[j] ? -1 : 1;
    ++i;
    ++j;
  }
  return i < a.size() ? 1 : j < b.size() ? -1 : 0;
}

// What makes a name sort as Flyway, golang-migrate and Diesel run it. Flyway: versions part by part, then what is
// repeated, then what undoes.
std::string key_of(std::string_view name) {
  const std::size_t double_line = name.find("__");
  const bool versioned = name.size() > 3 && (name[0] == 'V' || name[0] == 'U') && is_digit(name[1]);
  if (double_line != std::string_view::npos && (versioned || name.starts_with("R__"))) {
    std::string version(name.substr(1, double_line - 1));
    std::replace(version.begin(), version.end(), '_', '.');
    return (name[0] == 'V'   ? "V"
            : name[0] == 'R' ? "VR"
                             : "VU") +
           version + '\x01' + std::string(name.substr(double_line));
  }
  if (name.ends_with(".down.sql")) return std::string(name.substr(0, name.size() - 8)) + "up.sql.down";
  return name == "down.sql" ? "up.sql.down" : std::string(name);
}

std::string_view name_in(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

bool is_of_sqitch(std::string_view folder) {
  if (folder.ends_with('/')) folder.remove_suffix(1);
  const std::string_view name = name_in(folder);
  return name == "deploy" || name == "revert" || name == "verify";
}

// The names of sqitch.plan by their places; "@tag", "%pragma" and comments are none.
std::map<std::string, int> read_plan(const fs::path& path) {
  std::map<std::string, int> places;
  std::ifstream file(path);
  int place = 0;
  for (std::string line; std::getline(file, line);) {
    const std::string_view text = trim(line);
    if (text.empty() || text.front() == '%' || text.front() == '#' || text.front() == '@') continue;
    places[std::string(text.substr(0, text.find_first_of(" \t[")))] = ++place;
  }
  return places;
}

}  // namespace

bool runs_before(std::string_view a, std::string_view b) {
  return compare(key_of(a), key_of(b)) < 0;
}

void sort_as_run(std::vector<std::string>& files) {
  std::map<std::string, std::map<std::string, int>> plans;  // by the project's folder
  std::vector<std::pair<std::string, std::string>> keyed;
  keyed.reserve(files.size());
  for (std::string& file : files) {
    std::string name = key_of(name_in(file));
    const std::string folder = file.substr(0, file.size() - name_in(file).size());
    if (is_of_sqitch(folder)) {
      const std::string project = fs::path(folder).parent_path().parent_path().string();
      const auto [plan, unread] = plans.try_emplace(project);
      if (unread) plan->second = read_plan(fs::path(project) / "sqitch.plan");
      const auto place = plan->second.find(fs::path(file).stem().string());
      if (place != plan->second.end()) name = std::to_string(place->second) + " " + name;
    }
    keyed.emplace_back(folder + name, std::move(file));
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
  for (std::size_t at = 0; at < files.size(); ++at) files[at] = std::move(keyed[at].second);
}

}  // namespace segue::lint
