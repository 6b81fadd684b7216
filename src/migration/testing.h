// For the tests of this folder: a folder that goes away again.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "migration/reading.h"

namespace segue::migration {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    auto pattern = (std::filesystem::temp_directory_path() / "segue-migration-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  void write(const std::filesystem::path& name, std::string_view text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

  // The text with this folder's path taken out of file names.
  std::string without_path(std::string text) const {
    for (const auto& prefix : {shown_path(path_) + "/", shown_path(path_)}) {
      for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
        text.replace(at, prefix.size(), prefix.ends_with('/') ? "" : "the folder");
      }
    }
    return text;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace segue::migration
