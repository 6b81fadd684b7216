// The folders outside of a cluster: where downloads and templates are cached, and where clusters live.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "pg/embedded/server_user.h"

namespace segue::pg::embedded {

// Where scripts/servers.sh puts servers, whoever ran it: /var/cache/segue (root) and ~/.cache/segue.
std::vector<std::string> cache_folders();

// A folder for `name` that belongs to the server's user (0700) in the cache: root's is under /var/cache/segue. Where
// there is no place for a cache, it is made beside the clusters.
Result<std::string> private_cache(const std::string& name, const ServerUser& user);

// The folder that holds this user's clusters: TMPDIR or /tmp, then segue-<uid>, 0700. It is short enough for the
// sockets in it, and never one that somebody else has made.
Result<std::string> clusters_folder(const ServerUser& user);

// Clusters come and go, each with a thousand files. Told that the folders in this one have nothing to do with each
// other, ext4 spreads them over the disk; otherwise each new one searches for its inodes among those that the last ones
// have just given up, which can take ten times as long as everything else. Other file systems do not care.
void spread_over_disk(const std::string& folder);

// Whether the disk that holds `folder` is full, as far as a server is concerned.
bool disk_is_full(const std::string& folder);

// The error for it.
Error no_room(const std::string& folder);

// Whether a program said so.
bool speaks_of_full_disk(const std::string& output);

}  // namespace segue::pg::embedded
