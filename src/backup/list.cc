#include "backup/list.h"

#include <algorithm>
#include <ctime>

namespace segue::backup {
namespace fs = std::filesystem;
namespace {

// "2026-03-01T12:34:56.789Z" → how long ago.
double age_of(const std::string& taken_at) {
  std::tm parts = {};
  if (strptime(taken_at.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return 0;
  return std::difftime(std::time(nullptr), timegm(&parts));
}

}  // namespace

std::vector<Listed> list(const fs::path& backups, std::vector<Error>* unreadable) {
  std::vector<Listed> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(backups, ignored)) {
    const auto& path = entry.path();
    if (path.extension() == ".partial" || !fs::exists(path / "backup.json", ignored)) continue;
    auto record = read_record(path);
    if (record) {
      const double age = age_of(record->taken_at);
      found.push_back({path, *std::move(record), age});
    } else if (unreadable != nullptr) {
      unreadable->push_back(record.error());
    }
  }
  std::sort(found.begin(), found.end(), [](const Listed& a, const Listed& b) {
    return std::pair(a.record.taken_at, a.folder) > std::pair(b.record.taken_at, b.folder);
  });
  return found;
}

}  // namespace segue::backup
