// The folders of backups: `<backups>/<database>-<20261120T104512Z>/`, 0700.
//
// A backup is written as `<name>.partial` and renamed when it is complete, so that a folder without that ending is a
// whole one. Whoever writes holds a lock on the partial folder; one that nobody holds is what a killed run left, and
// the next one removes it. A backups folder that did not exist is made, with a .gitignore that keeps it out of git.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/fd.h"

namespace segue::backup {

class PartialFolder {
 public:
  // Makes `backups` where it is not there, clears what killed runs left, makes and locks a folder for this database.
  static Result<PartialFolder> make(const std::filesystem::path& backups, const std::string& database);
  PartialFolder(PartialFolder&& other) noexcept = default;
  PartialFolder& operator=(PartialFolder&&) = delete;
  ~PartialFolder();  // removes it, unless it was completed

  const std::filesystem::path& path() const { return path_; }
  const std::string& stamp() const { return stamp_; }
  // Everything on the disk, then the final name; which is given back.
  Result<std::filesystem::path> complete();

 private:
  PartialFolder(std::filesystem::path path, std::string stamp, Fd lock)
      : path_(std::move(path)), stamp_(std::move(stamp)), lock_(std::move(lock)) {}
  std::filesystem::path path_;
  std::string stamp_;
  Fd lock_;  // open as long as this folder is ours to remove
};

// A name that is safe for a file: letters, digits, _ and - stay, all else becomes %XX.
// Two names never become one; one that would be too long ends in a hash of the whole.
std::string file_name_of(const std::string& name);

// "20261120T104512Z", now.
std::string utc_stamp();

// All that is in it.
std::uint64_t bytes_in(const std::filesystem::path& folder);

// Writes a file as a whole (a temporary one renamed, synced), 0600; never a half.
Status write_file(const std::filesystem::path& path, const std::string& text);
Result<std::string> read_file(const std::filesystem::path& path);

}  // namespace segue::backup
