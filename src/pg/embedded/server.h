// Finds the PostgreSQL programs that are installed on this machine.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace segue::pg {

struct ServerPrograms {
  std::string bin_dir;       // holds postgres and initdb; links are followed
  int version = 0;           // major: 15
  std::string version_text;  // "15.18"
};

// `given` (a bin folder, or an installation that holds bin/), else SEGUE_PG_BIN, else the first of PATH that is 14 or
// newer, else the newest of the rest: pg_config --bindir, the usual folders of distributions, and what
// scripts/servers.sh has fetched. Where `given` or SEGUE_PG_BIN holds no such server, that is an error: nothing else is
// taken in its stead. The error lists where it looked and says what to install.
Result<ServerPrograms> find_server(const std::string& given = {});

// All that it found, newest first; for doctor and the tests.
std::vector<ServerPrograms> all_servers();

}  // namespace segue::pg
