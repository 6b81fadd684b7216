#include "engine/changed_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include "base/json.h"
#include "base/text.h"

namespace segue::engine {
namespace {

using Files = std::map<std::string, std::string>;

Files files_of(const migration::Migration& file) {
  Files files;
  for (const auto& source : file.sources) {
    std::ifstream stream(file.folder / source.path, std::ios::binary);
    files[source.path] = std::string(std::istreambuf_iterator<char>(stream), {});
  }
  return files;
}

// What stands between the first and the last line that differ.
struct Difference {
  std::size_t line = 0;  // from 1
  std::vector<std::string> was, is;
};

Difference difference(const std::string& before, const std::string& after) {
  auto was = split(before, '\n'), is = split(after, '\n');
  const auto shorter = std::min(was.size(), is.size());
  std::size_t head = 0, tail = 0;
  while (head < shorter && was[head] == is[head]) ++head;
  while (tail < shorter - head && was[was.size() - 1 - tail] == is[is.size() - 1 - tail]) ++tail;
  const auto middle = [&](const std::vector<std::string>& lines) {
    return std::vector<std::string>(lines.begin() + static_cast<std::ptrdiff_t>(head),
                                    lines.end() - static_cast<std::ptrdiff_t>(tail));
  };
  return {head + 1, middle(was), middle(is)};
}

std::string shown(const std::vector<std::string>& lines) {
  if (lines.empty()) return "nothing";
  return fmt::format("`{}`", one_line(trim(lines.front()), 120));
}

}  // namespace

Status keep_files(pg::Connection& connection, std::int64_t run, const migration::Migration& file) {
  return connection.execute("UPDATE segue.migration_history SET files = $2 WHERE id = $1",
                            {run, Json(files_of(file)).dump(-1, ' ', false, Json::error_handler_t::replace)});
}

Result<std::string> what_changed(pg::Connection& connection, std::int64_t run, const migration::Migration& file) {
  const auto kept = TRY(connection.value("SELECT files FROM segue.migration_history WHERE id = $1", {run}));
  const auto before = Json::parse(kept, nullptr, false);
  if (!before.is_object() || before.empty()) return std::string();
  const auto now = files_of(file);
  std::vector<std::string> changes;
  for (const auto& [path, text] : before.items()) {
    const auto found = now.find(path);
    if (found == now.end()) {
      changes.push_back(path + " is no part of it any more");
      continue;
    }
    if (found->second == text.get<std::string>()) continue;
    const auto one = difference(text.get<std::string>(), found->second);
    changes.push_back(fmt::format("{}:{} was {} and is {}", path, one.line, shown(one.was), shown(one.is)));
    const auto more = std::max(one.was.size(), one.is.size());
    if (more > 1) changes.back() += fmt::format(" ({} lines in all)", more);
  }
  for (const auto& [path, text] : now) {
    if (!before.contains(path)) changes.push_back(path + " is new");
  }
  return join(changes, "; ");
}

}  // namespace segue::engine
