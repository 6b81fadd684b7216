// A fresh cluster to copy: initdb takes a second, a copy a tenth of that.
//
// One template per installation of PostgreSQL and boot of the machine (it is never synced to disk, so it is not trusted
// after a power cut), made by one process while others wait for it. Copies have one system identifier; that matters
// only to whoever replicates from one to the other.
#pragma once

#include <string>

#include "base/error.h"
#include "pg/embedded/server.h"
#include "pg/embedded/server_user.h"

namespace segue::pg::embedded {

// Makes `data_dir` (which is not there yet) a fresh cluster: superuser postgres, UTF-8, locale C.UTF-8 or C; every
// local user who can reach the socket is trusted, the loopback port wants a password. Nothing is left of it if that
// fails.
Status make_cluster(const ServerPrograms& programs, const ServerUser& user, const std::string& data_dir);

}  // namespace segue::pg::embedded
