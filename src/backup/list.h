// What backups lie in a folder, newest first.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backup/record.h"
#include "base/error.h"

namespace segue::backup {

struct Listed {
  std::filesystem::path folder;
  Record record;
  double age_seconds = 0;
};

// An empty list where the folder is not there. A folder in it that is no backup is passed over; one whose backup.json
// cannot be read is said in `unreadable`.
std::vector<Listed> list(const std::filesystem::path& backups, std::vector<Error>* unreadable = nullptr);

}  // namespace segue::backup
