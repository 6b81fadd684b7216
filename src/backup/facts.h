// What has to be known of a database before it is backed up or restored.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "pg/connection.h"

namespace segue::backup {

struct Facts {
  std::string database;
  std::string user;
  int version = 0;                 // 150018
  std::string version_text;        // "15.18"
  std::string system;              // the cluster's identifier; empty where it cannot be read
  std::uint64_t bytes = 0;         // of the database
  std::uint64_t index_bytes = 0;   // of these, in indexes
  std::vector<std::string> roles;  // that own something, or are granted something, or bear a policy
  bool superuser = false;
  bool may_create_database = false;
  bool here = false;          // the server is on this machine
  std::string data_folder;    // where its files lie; empty where that cannot be read
  std::string creation;       // encoding and locale as CREATE DATABASE takes them
  std::string encoding_only;  // the same without the locale

  int major() const { return version / 10000; }
};

Result<Facts> read_facts(pg::Connection& connection);

// Whether the user may read all of it: the error "no-rights" names what he may not, or where a policy would hide rows.
Status check_rights(pg::Connection& connection);

// What stands in the database that is to be restored into; empty where nothing does.
Result<std::vector<std::string>> what_is_there(pg::Connection& connection);

}  // namespace segue::backup
