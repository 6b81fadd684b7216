// The server processes that work in a data folder, found by what they are (a postgres whose working folder it is), not
// by a number that somebody wrote down. For servers whose watchdog is gone.
#pragma once

#include <string>
#include <vector>

#include "pg/embedded/server_user.h"

namespace segue::pg::embedded {

std::vector<int> servers_in(const std::string& data_dir, const ServerUser& user);

// Stops them: in order where `fast`, else at once; with force if that does not help. True when none is left.
bool stop_servers_in(const std::string& data_dir, const ServerUser& user, bool fast);

// The socket folder that a running server of this data folder wrote down; empty if unknown.
std::string socket_dir_of(const std::string& data_dir, const ServerUser& user);

}  // namespace segue::pg::embedded
