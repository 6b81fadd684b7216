#include "pg/embedded/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "pg/embedded/places.h"
#include "pg/embedded/shared_memory.h"
#include "pg/embedded/strays.h"

namespace segue::pg::embedded {
namespace fs = std::filesystem;
namespace {

constexpr const char* kPrefix = "pg-";
constexpr const char* kDataNote = "data-dir";

Fd open_folder(const std::string& path) {
  return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

bool try_lock(const Fd& fd) {
  return fd.open() && flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
}

std::string data_dir_of(const std::string& folder) {
  std::ifstream note(folder + "/" + kDataNote);
  std::string data_dir;
  return std::getline(note, data_dir) ? data_dir : folder + "/data";
}

void clear_leftover(const std::string& folder, const ServerUser& user) {
  const Fd lock = open_folder(folder);
  if (!try_lock(lock)) return;
  const std::string data_dir = data_dir_of(folder);
  const bool kept = data_dir != folder + "/data";
  const Fd data_lock = kept ? open_folder(fs::path(data_dir).parent_path().string()) : Fd();
  // Somebody else has taken the kept data over, and has seen to its server.
  if (kept && !try_lock(data_lock)) return remove_folder(folder, user);
  clear_folder(folder, user);
}

void clear_leftovers(const std::string& base, const ServerUser& user) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(base, ignored)) {
    if (entry.path().filename().string().starts_with(kPrefix)) clear_leftover(entry.path().string(), user);
  }
}

// What a start that was cut short may have left does not count.
bool holds_other_things(const std::string& path) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name != "data.new" && name != "server.log" && name != "password") return true;
  }
  return false;
}

// Whether the server that runs on this data is one of ours: its socket is in a clusters folder.
bool started_by_segue(const std::string& data_dir, const ServerUser& user) {
  const fs::path socket = socket_dir_of(data_dir, user);
  return socket.filename().string().starts_with(kPrefix) &&
         socket.parent_path().filename() == "segue-" + std::to_string(user.uid);
}

tl::unexpected<Error> not_usable(const std::string& path, const ServerUser& user, int error) {
  std::string hint;
  if (error == EACCES && user.dropped) {
    hint =
        "the server runs as user " + user.name + ": give a folder that this user can reach, such as one below /var/tmp";
  }
  if (error == ENOSPC) return tl::unexpected(no_room(path));
  return failure("no-folder", "the folder " + path + " cannot be used: " + std::strerror(error), hint);
}

Fd open_as(const std::string& path, const ServerUser& user) {
  const FilesAs as(user);
  return open_folder(path);
}

// A folder of the owner's becomes the server's user's; a link is not followed.
Status give_away(const std::string& path, const ServerUser& user) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.open() || fchown(fd.get(), user.uid, user.gid) != 0 || fchmod(fd.get(), 0700) != 0) {
    return not_usable(path, user, errno);
  }
  return {};
}

// Made as the owner, who may have the right to.
Status make_kept_folder(const std::string& path, const ServerUser& user) {
  if (mkdir(path.c_str(), 0700) != 0) return not_usable(path, user, errno);
  if (user.dropped) return give_away(path, user);
  return {};
}

}  // namespace

Result<Folder> make_folder(const ServerUser& user) {
  const std::string base = TRY(clusters_folder(user));
  const FilesAs as(user);
  const Fd base_lock = open_folder(base);
  if (!base_lock.open() || flock(base_lock.get(), LOCK_EX) != 0) return not_usable(base, user, errno);
  clear_leftovers(base, user);
  std::string path = base + "/" + kPrefix + "XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return not_usable(base, user, errno);
  Folder folder{path, open_folder(path)};
  if (!try_lock(folder.lock)) return not_usable(path, user, errno);
  return folder;
}

Status note_data_dir(const Folder& folder, const std::string& data_dir, const ServerUser& user) {
  const FilesAs as(user);
  std::ofstream note(folder.path + "/" + kDataNote);
  note << data_dir << "\n";
  if (!note.flush()) return tl::unexpected(no_room(folder.path));
  return {};
}

Result<KeptFolder> take_kept_folder(const std::string& path, const ServerUser& user) {
  std::error_code ignored;
  KeptFolder kept;
  kept.path = fs::absolute(path, ignored).lexically_normal().string();
  if (kept.path.size() > 1 && kept.path.ends_with('/')) kept.path.pop_back();
  if (!fs::exists(kept.path, ignored)) {
    TRY(make_kept_folder(kept.path, user));
    kept.made = true;
  } else if (fs::is_empty(kept.path, ignored) && user.dropped) {
    TRY(give_away(kept.path, user));
  }
  kept.lock = open_as(kept.path, user);
  if (!kept.lock.open()) {
    const int error = errno;
    if (kept.made) rmdir(kept.path.c_str());
    return not_usable(kept.path, user, error);
  }
  if (!try_lock(kept.lock)) {
    return failure("folder-in-use", "another segue is using the data in " + kept.path,
                   "stop the other one first, or keep the data in another folder");
  }
  const FilesAs as(user);
  const std::string data_dir = kept.path + "/data";
  kept.fresh = !fs::exists(data_dir + "/PG_VERSION", ignored);
  if (kept.fresh && holds_other_things(kept.path)) {
    return usage_error(kept.path + " holds other things than a kept cluster", "give a new or an empty folder");
  }
  if (servers_in(data_dir, user).empty()) return kept;
  if (!started_by_segue(data_dir, user)) {
    return failure("folder-in-use", "a server that segue did not start is using the data in " + kept.path,
                   "stop that server first");
  }
  stop_servers_in(data_dir, user, true);
  return kept;
}

void clear_folder(const std::string& path, const ServerUser& user) {
  const FilesAs as(user);
  const std::string data_dir = data_dir_of(path);
  const bool kept = data_dir != path + "/data";
  stop_servers_in(data_dir, user, kept);
  if (!kept) drop_shared_memory((data_dir + "/postmaster.pid").c_str());
  remove_folder(path, user);
}

void remove_folder(const std::string& path, const ServerUser& user) {
  const FilesAs as(user);
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

}  // namespace segue::pg::embedded
