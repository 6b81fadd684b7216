// Reads a dump back: restores it into a scratch database and compares what stands there with what was dumped. Only
// then a backup counts.
//
// On the server of the address where the user may create databases there; where he may not, or what the dump holds may
// be made by a superuser only, on a private server of the same major version on this machine, with the roles (NOLOGIN)
// that the dump names. Whatever was made is gone afterwards.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backup/address.h"
#include "backup/contents.h"
#include "backup/facts.h"
#include "backup/find_tools.h"
#include "backup/progress.h"

namespace segue::backup {

enum class ReadBackOn { server_or_private, private_server, nowhere };

constexpr const char* kOnServer = "scratch database on the same server";
constexpr const char* kOnPrivate = "private server";

struct ReadBackRequest {
  const Address* address = nullptr;  // of the server; null: there is none, so a private one it is
  Facts facts;                       // of the database that was dumped
  Tools tools;
  std::filesystem::path dump;
  const Contents* expected = nullptr;
  int jobs = 2;
  ReadBackOn on = ReadBackOn::server_or_private;
  std::string server_bin;  // of the private server; empty: one is looked for
  Watch watch;
  std::vector<std::string>* notes = nullptr;
};

// Where it was read back, in words; or "backup-differs", "cannot-read-back", "restore-failed".
Result<std::string> read_back(const ReadBackRequest& request);

}  // namespace segue::backup
