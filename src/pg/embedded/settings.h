// The files that tell a server how to behave.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "pg/embedded/server.h"

namespace segue::pg::embedded {

using Settings = std::vector<std::pair<std::string, std::string>>;

// The text of segue.conf: what suits a private server, then the owner's own settings, which win. Port, socket folder
// and listening address are not here: the command line gives them, so that nothing can change them.
Result<std::string> server_settings(const ServerPrograms& programs, bool durable, const Settings& own);

// The line at the end of postgresql.conf that reads it.
constexpr const char* kSettingsFile = "segue.conf";

}  // namespace segue::pg::embedded
