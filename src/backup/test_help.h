// For the tests of this folder: a folder for backups that goes with the test, and questions about what is left.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "backup/find_tools.h"
#include "backup/take.h"
#include "testing/server.h"

namespace segue::backup {

class TemporaryBackups {
 public:
  TemporaryBackups() {
    path_ = (std::filesystem::temp_directory_path() / "segue-backup-XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
  }
  ~TemporaryBackups() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path path() const { return std::filesystem::path(path_) / "backups"; }
  std::filesystem::path parent() const { return path_; }

  // What lies in it, the .gitignore aside.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(path(), ignored)) {
      if (entry.path().filename() != ".gitignore") names.push_back(entry.path().filename());
    }
    return names;
  }

 private:
  std::string path_;
};

inline bool has_tools() {
  return find_tools(testing::server_version() / 10000).has_value();
}

inline Request request_for(const std::string& url, const TemporaryBackups& backups) {
  Request request;
  request.url = url;
  request.backups = backups.path();
  return request;
}

inline std::string scratch_databases() {
  auto connection = pg::Connection::open({.url = testing::server_url(), .settings = {}});
  if (!connection) return to_text(connection.error());
  return connection->value("SELECT count(*)::text FROM pg_database WHERE datname LIKE 'segue\\_scratch\\_%'").value();
}

// A role of that name with these attributes, gone with this; what it owns or was granted has to go before.
class TemporaryRole {
 public:
  TemporaryRole(const testing::Database& database, std::string name, const std::string& attributes)
      : database_(database), name_(std::move(name)) {
    database_.run("DROP ROLE IF EXISTS " + name_ + "; CREATE ROLE " + name_ + " LOGIN PASSWORD 'a b''c\\' " +
                  attributes);
  }
  ~TemporaryRole() {
    try {
      database_.run("REASSIGN OWNED BY " + name_ + " TO CURRENT_USER; DROP OWNED BY " + name_ + "; DROP ROLE " + name_);
    } catch (const std::exception& problem) {
      ADD_FAILURE() << problem.what();
    }
  }
  TemporaryRole(const TemporaryRole&) = delete;
  TemporaryRole& operator=(const TemporaryRole&) = delete;
  // The database's URL as this role; the password holds what has to be escaped.
  std::string url() const {
    const std::string& url = database_.url();
    const auto from = url.find("://") + 3, at = url.find('@');
    return url.substr(0, from) + name_ + ":a%20b%27c%5C" + url.substr(at);
  }

 private:
  const testing::Database& database_;
  std::string name_;
};

}  // namespace segue::backup
