// Who a server runs as. PostgreSQL refuses root, so root's servers run as `postgres`, or `nobody` where there is none;
// everybody else's run as themselves.
#pragma once

#include <string>

#include "base/error.h"

namespace segue::pg::embedded {

struct ServerUser {
  unsigned uid = 0;
  unsigned gid = 0;
  std::string name;
  bool dropped = false;  // another user than the owner
};

Result<ServerUser> server_user();

// For as long as it lives, this thread touches files as that user: what it makes belongs to the user, and what the user
// may not do fails. Root thus never follows a link that the user has laid. Other threads are not concerned; one within
// another is fine.
class FilesAs {
 public:
  explicit FilesAs(const ServerUser& user);
  ~FilesAs();
  FilesAs(const FilesAs&) = delete;
  FilesAs& operator=(const FilesAs&) = delete;

 private:
  bool switched_ = false;
  int user_before_ = 0;
  int group_before_ = 0;
};

}  // namespace segue::pg::embedded
