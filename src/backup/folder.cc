#include "backup/folder.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>

#include "base/hash.h"

namespace segue::backup {
namespace fs = std::filesystem;
namespace {

constexpr const char* kPartial = ".partial";

tl::unexpected<Error> no_folder(const fs::path& path, int number) {
  if (number == ENOSPC || number == EDQUOT) {
    return failure("disk-full", "there is no room left for the backup", "free some, or name another folder with --to",
                   path);
  }
  return refused("no-folder", fmt::format("the backup cannot be written: {}", std::strerror(number)),
                 "name a folder that you may write to: --to DIR", path);
}

Status make_backups_folder(const fs::path& backups) {
  std::error_code problem;
  if (fs::is_directory(backups, problem)) return {};
  problem.clear();
  if (backups.has_parent_path()) fs::create_directories(backups.parent_path(), problem);
  if (problem) return no_folder(backups, problem.value());
  if (mkdir(backups.c_str(), 0700) != 0 && errno != EEXIST) return no_folder(backups, errno);
  return write_file(backups / ".gitignore", "*\n");
}

// Whether the lock was free, and the folder is still the one that was opened.
bool lock(const Fd& fd, const fs::path& path) {
  if (!fd.open() || flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return false;
  struct stat opened = {}, there = {};
  return fstat(fd.get(), &opened) == 0 && lstat(path.c_str(), &there) == 0 && opened.st_ino == there.st_ino &&
         opened.st_dev == there.st_dev;
}

void clear_leftovers(const fs::path& backups) {
  std::error_code ignored;
  std::vector<fs::path> partial;
  for (const auto& entry : fs::directory_iterator(backups, ignored)) {
    if (entry.path().extension() == kPartial && entry.is_directory(ignored)) partial.push_back(entry.path());
  }
  for (const auto& path : partial) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (lock(fd, path)) fs::remove_all(path, ignored);
  }
}

Status sync(const fs::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open() || fsync(fd.get()) != 0) return no_folder(path, errno);
  return {};
}

}  // namespace

Result<PartialFolder> PartialFolder::make(const fs::path& backups, const std::string& database) {
  TRY(make_backups_folder(backups));
  clear_leftovers(backups);
  const std::string stamp = utc_stamp();
  for (int number = 1; number < 1000; ++number) {
    const std::string name =
        file_name_of(database) + "-" + stamp + (number == 1 ? std::string() : fmt::format("-{}", number));
    fs::path path = backups / (name + kPartial);
    if (fs::exists(backups / name)) continue;
    if (mkdir(path.c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      return no_folder(path, errno);
    }
    Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock(fd, path)) return PartialFolder(std::move(path), stamp, std::move(fd));
  }
  return failure("no-folder", "no name is free for a new backup", "name another folder with --to", backups);
}

PartialFolder::~PartialFolder() {
  if (!lock_.open()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Result<fs::path> PartialFolder::complete() {
  for (const auto& entry : fs::recursive_directory_iterator(path_)) TRY(sync(entry.path()));
  TRY(sync(path_));
  fs::path final = path_;
  final.replace_extension();
  if (rename(path_.c_str(), final.c_str()) != 0) return no_folder(final, errno);
  lock_.reset();
  TRY(sync(fs::absolute(final).parent_path()));
  return final;
}

std::string file_name_of(const std::string& name) {
  constexpr std::size_t kLongest = 150;
  std::string safe;
  for (const char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    safe += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  if (safe.size() > kLongest) safe = safe.substr(0, kLongest - 34) + "%-" + fingerprint_of(name);
  return safe;
}

std::string utc_stamp() {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::time(nullptr)));
}

std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (auto entry = fs::recursive_directory_iterator(folder, ignored); entry != fs::recursive_directory_iterator();
       entry.increment(ignored)) {
    const auto size = entry->is_regular_file(ignored) ? entry->file_size(ignored) : 0;
    if (!ignored) bytes += size;
  }
  return bytes;
}

Status write_file(const fs::path& path, const std::string& text) {
  const std::string next = path.string() + ".next";
  const Fd fd(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.open()) return no_folder(path, errno);
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(fd.get(), text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return no_folder(path, errno);
    done += static_cast<std::size_t>(wrote);
  }
  if (fsync(fd.get()) != 0 || rename(next.c_str(), path.c_str()) != 0) return no_folder(path, errno);
  return {};
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || file.bad())
    return usage_error("this file of the backup cannot be read", "name the folder of a backup", path);
  return text.str();
}

}  // namespace segue::backup
