// Finds a pg_dump and pg_restore that can read a server: of its major version, else the oldest newer ones. pg_dump
// refuses servers that are newer than itself.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace segue::backup {

struct Tools {
  std::string bin_dir;       // holds pg_dump and pg_restore
  int version = 0;           // major: 15
  std::string version_text;  // "15.18"

  std::string pg_dump() const { return bin_dir + "/pg_dump"; }
  std::string pg_restore() const { return bin_dir + "/pg_restore"; }
};

// `given` (a bin folder, or an installation that holds bin/), else SEGUE_PG_BIN where that holds one that will do, else
// the oldest that will do of PATH and the usual folders of distributions. Where `given` holds none that will do,
// nothing else is taken in its stead. The error "no-pg-dump" (exit 2) names the server's version, what was found and
// where it looked.
Result<Tools> find_tools(int server_major, const std::string& given = {});

// All pairs on this machine, oldest first.
std::vector<Tools> all_tools();

}  // namespace segue::backup
