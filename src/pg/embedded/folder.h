// The folder of one cluster, and who holds it.
//
// The owner and its watchdog hold a lock on the folder. A folder whose lock can be taken is a leftover: both are gone,
// whatever ended them. Making a folder and clearing leftovers exclude each other, so a folder is never taken for a
// leftover before it is locked.
#pragma once

#include <string>

#include "base/error.h"
#include "base/fd.h"
#include "pg/embedded/server_user.h"

namespace segue::pg::embedded {

struct Folder {
  std::string path;  // holds the socket; for a temporary cluster also the data and the log
  Fd lock;
};

// Clears what nobody holds any more, then makes a folder of its own, 0700, and locks it.
Result<Folder> make_folder(const ServerUser& user);

// Says in a temporary folder where its kept data is, for whoever has to clear it up.
Status note_data_dir(const Folder& folder, const std::string& data_dir, const ServerUser& user);

// Takes a folder for data that stays: made if it is not there, refused if it holds other things, or if another owner
// holds it. `fresh` says that it holds no cluster yet, `made` that the folder was not there.
struct KeptFolder {
  std::string path;
  Fd lock;
  bool fresh = false;
  bool made = false;
};
Result<KeptFolder> take_kept_folder(const std::string& path, const ServerUser& user);

// Ends what still runs in a cluster's folder that nobody watches over any more, and removes the folder.
void clear_folder(const std::string& path, const ServerUser& user);

// Removes a folder and all that is in it, as the server's user.
void remove_folder(const std::string& path, const ServerUser& user);

}  // namespace segue::pg::embedded
