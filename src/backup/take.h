// A full backup: pg_dump of the whole database, segue's own schemas included, and the proof that it can be restored.
//
// Dump, fingerprint of the catalog and of all rows see one snapshot, whatever others write meanwhile. Before anything
// is written it is looked whether there is a pg_dump that can read the server, whether the user may read everything,
// and whether there is room. The dump is then read back (see read_back.h), and only a backup that was read back equal
// gets its final name; after an error or a stop nothing is left. Nobody waits for it longer than for any pg_dump: it
// holds ACCESS SHARE on every table until it ends, and gives up where it cannot get that lock in time.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backup/progress.h"
#include "backup/read_back.h"
#include "base/error.h"
#include "catalog/data_fingerprint.h"

namespace segue::backup {

struct Request {
  std::string url;                // as pg::ConnectOptions::url
  std::filesystem::path backups;  // the folder that holds the backups; made if it is not there
  std::string pg_bin;             // where pg_dump is; empty: see find_tools.h
  int jobs = 2;
  int lock_wait_ms = 5000;
  ReadBackOn read_back = ReadBackOn::server_or_private;
  std::string server_bin = {};  // of a private server; empty: one is looked for
  Watch watch = {};
};

struct Taken {
  std::string folder;
  std::string pg_dump;  // its version
  std::uint64_t bytes = 0;
  double seconds = 0;
  double dump_seconds = 0;  // of these; the rows are hashed at the same time
  std::string catalog;      // fingerprint
  catalog::DataFingerprint tables;
  std::string read_back;           // where; empty: it was not
  std::vector<std::string> notes;  // what could not be looked at, in words
};

Result<Taken> take(const Request& request);

}  // namespace segue::backup
