// A PostgreSQL server for a test program: one private cluster, started when first asked for, gone with the program.
// SEGUE_TEST_BIN_DIR chooses the version; each Database is fresh and is dropped at its end.
#pragma once

#include <string>
#include <string_view>

#include "pg/connection.h"

namespace segue::testing {

class Database {
 public:
  Database();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& url() const { return url_; }
  const std::string& name() const { return name_; }
  // Throws std::runtime_error when the server refuses, which fails the test with the server's words.
  pg::Connection connect(const std::string& application_name = "test") const;
  void run(std::string_view sql) const;
  std::string value(std::string_view sql) const;

 private:
  std::string name_;
  std::string url_;
};

// The shared cluster's maintenance database, and its programs' folder.
std::string server_url();
std::string server_bin_dir();
int server_version();  // 150018

}  // namespace segue::testing
