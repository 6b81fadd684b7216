// Whether there is room for a backup and for reading it back, before anything is written.
//
// An estimate: a dump is taken for half of what the tables take (measured: a quarter for ordinary rows, 1.2 times as
// much for bytes that cannot be compressed), what is read back for as much as the database. A disk that fills up all
// the same is an error of its own, and nothing stays behind.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backup/facts.h"
#include "base/error.h"

namespace segue::backup {

std::uint64_t dump_estimate(const Facts& facts);

struct DiskPlan {
  std::filesystem::path folder;          // of the dump; need not be there yet
  bool on_server = false;                // a scratch database on the same server will be made
  std::filesystem::path private_folder;  // where a private server will have its files; empty: none
};

// The error "disk-full" names what is needed and what is free; `notes` gets what could not be looked at.
Status check_disk(const Facts& facts, const DiskPlan& plan, std::vector<std::string>& notes);

}  // namespace segue::backup
