// pg_dump and pg_restore at work: their command lines, and their messages in our words.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "backup/address.h"
#include "backup/find_tools.h"
#include "base/error.h"
#include "pg/connection.h"

namespace segue::backup {

struct Dump {
  Address address;
  Tools tools;
  std::filesystem::path folder;  // made by pg_dump
  std::string snapshot;          // of pg_export_snapshot()
  int jobs = 2;
  int lock_wait_ms = 5000;  // to wait for a table that somebody has locked
};

// The whole database as one directory. `asker` is a session that says who was in the way; `go_on` is asked often.
Status run_dump(const Dump& dump, pg::Connection& asker, const std::function<bool()>& go_on);

struct Restore {
  Address address;
  std::string database;
  std::string settings;  // of its sessions: "-c synchronous_commit=off"
  Tools tools;
  std::filesystem::path folder;
  int jobs = 2;
  int server_major = 0;
  bool tablespaces = true;
};

// All of a dump, without subscriptions; it ends at the first error. From 17 on pg_restore sets what older servers do
// not know: with such a pair it goes on, and errors of that kind alone are none.
Status run_restore(const Restore& restore, const std::function<bool()>& go_on);

// Whether all errors among pg_restore's messages are settings that the server does not know.
bool only_unknown_settings(const std::string& messages);

// The rows of one table out of a dump, as `COPY … FROM stdin` scripts write them.
Status run_extract(const Tools& tools, const std::filesystem::path& folder, const std::string& schema,
                   const std::string& table, const std::function<void(std::string_view)>& take,
                   const std::function<bool()>& go_on);

}  // namespace segue::backup
