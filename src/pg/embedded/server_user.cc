#include "pg/embedded/server_user.h"

#include <pwd.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include <vector>

namespace segue::pg::embedded {
namespace {

bool look_up(ServerUser& user) {
  std::vector<char> room(16384);
  passwd entry = {};
  passwd* found = nullptr;
  if (getpwnam_r(user.name.c_str(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr) return false;
  user.uid = entry.pw_uid;
  user.gid = entry.pw_gid;
  return user.uid != 0;
}

}  // namespace

Result<ServerUser> server_user() {
  if (geteuid() != 0) return ServerUser{geteuid(), getegid(), "you", false};
  for (const char* name : {"postgres", "nobody"}) {
    ServerUser user{0, 0, name, true};
    if (look_up(user)) return user;
  }
  return failure("no-server-user", "PostgreSQL does not run as root, and there is no user postgres or nobody",
                 "create a user named postgres, or run segue as another user than root");
}

FilesAs::FilesAs(const ServerUser& user) {
  if (!user.dropped) return;
  // The group first: once the user is no longer root, the group cannot be changed.
  group_before_ = setfsgid(user.gid);
  user_before_ = setfsuid(user.uid);
  switched_ = true;
}

FilesAs::~FilesAs() {
  if (!switched_) return;
  setfsuid(static_cast<uid_t>(user_before_));
  setfsgid(static_cast<gid_t>(group_before_));
}

}  // namespace segue::pg::embedded
