#include "pg/embedded/places.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/fd.h"
#include "base/text.h"

namespace segue::pg::embedded {
namespace fs = std::filesystem;
namespace {

// 107 bytes of a socket's path, less "/segue-4294967295/0123456789abcdef/.s.PGSQL.65535".
constexpr std::size_t kLongestTemporaryFolder = 107 - 50;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && value[0] == '/' ? value : "";
}

std::string own_cache() {
  if (std::string cache = environment("XDG_CACHE_HOME"); !cache.empty()) return cache + "/segue";
  if (std::string home = environment("HOME"); !home.empty()) return home + "/.cache/segue";
  return {};
}

// A folder of that user alone, made if it is not there.
Result<std::string> private_folder(const std::string& path, const ServerUser& user) {
  const FilesAs as(user);
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    if (errno == ENOSPC) return tl::unexpected(no_room(fs::path(path).parent_path()));
    return failure("no-folder", "the folder " + path + " cannot be made: " + std::strerror(errno));
  }
  struct stat facts = {};
  if (lstat(path.c_str(), &facts) != 0) {
    return failure("no-folder", "the folder " + path + " cannot be used: " + std::strerror(errno));
  }
  if (!S_ISDIR(facts.st_mode) || facts.st_uid != user.uid || (facts.st_mode & 077) != 0) {
    return failure("no-folder", path + " is there, but is not a folder of the server's user alone",
                   "remove it, or set TMPDIR to another folder");
  }
  return path;
}

bool user_can_write(const std::string& folder, const ServerUser& user) {
  const FilesAs as(user);
  // faccessat with AT_EACCESS would ask for the process; opening asks for this thread.
  const Fd opened(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  return opened.open() || errno == EOPNOTSUPP || errno == ENOSPC;
}

}  // namespace

std::vector<std::string> cache_folders() {
  std::vector<std::string> folders{"/var/cache/segue"};
  if (std::string own = own_cache(); !own.empty()) folders.push_back(own);
  return folders;
}

Result<std::string> private_cache(const std::string& name, const ServerUser& user) {
  std::error_code ignored;
  if (user.dropped) {
    // Root makes it and gives it away: /var/cache itself is not open to the server's user.
    const std::string folder = "/var/cache/segue/" + name + "-" + user.name;
    fs::create_directories("/var/cache/segue", ignored);
    if (mkdir(folder.c_str(), 0700) == 0 && lchown(folder.c_str(), user.uid, user.gid) != 0) rmdir(folder.c_str());
    if (auto made = private_folder(folder, user)) return made;
  } else if (const std::string cache = own_cache(); !cache.empty()) {
    fs::create_directories(cache, ignored);
    if (auto made = private_folder(cache + "/" + name, user)) return made;
  }
  return private_folder(TRY(clusters_folder(user)) + "/" + name, user);
}

Result<std::string> clusters_folder(const ServerUser& user) {
  std::string parent = environment("TMPDIR");
  while (parent.size() > 1 && parent.back() == '/') parent.pop_back();
  if (parent.empty() || parent.size() > kLongestTemporaryFolder || !user_can_write(parent, user)) parent = "/tmp";
  std::string folder = TRY(private_folder(parent + "/segue-" + std::to_string(user.uid), user));
  const FilesAs as(user);
  spread_over_disk(folder);
  return folder;
}

void spread_over_disk(const std::string& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  int flags = 0;
  if (!fd.open() || ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) != 0 || (flags & FS_TOPDIR_FL) != 0) return;
  flags |= FS_TOPDIR_FL;
  ioctl(fd.get(), FS_IOC_SETFLAGS, &flags);
}

bool disk_is_full(const std::string& folder) {
  struct statvfs facts = {};
  if (statvfs(folder.c_str(), &facts) != 0) return false;
  return static_cast<double>(facts.f_bavail) * static_cast<double>(facts.f_frsize) < 1024 * 1024;
}

Error no_room(const std::string& folder) {
  return Error{"disk-full", "there is no room for the server's files in " + folder,
               "",          "free about 100 MB there, or set TMPDIR to a folder on another disk",
               "",          Exit::failed};
}

bool speaks_of_full_disk(const std::string& output) {
  return output.find("No space left on device") != std::string::npos ||
         output.find("Disk quota exceeded") != std::string::npos;
}

}  // namespace segue::pg::embedded
