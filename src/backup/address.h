// A connection as the user wrote it, taken apart so that it can be given to other programs and to other databases of
// the same server.
//
// The password is never in an argument: it goes through the environment of the child, which only the same user and
// root can read. All that libpq takes from elsewhere (service files, ~/.pgpass, PG… variables, certificates) the child
// takes from there too, because it gets the same environment and stands in the same folder.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace segue::backup {

class Address {
 public:
  // A URL or connection string; empty: DATABASE_URL, else libpq's own environment and files.
  static Result<Address> read(const std::string& url);

  // For pg::Connection, with the password. `settings` are added to the session's options ("-c jit=off").
  std::string url(const std::string& database = {}, const std::string& settings = {}) const;
  // For the arguments of a program: the same without anything secret.
  std::string argument(const std::string& database = {}, const std::string& settings = {}) const;
  // For the environment of a program: ours, and the password where one was written.
  std::vector<std::string> environment() const;
  // What must not be shown.
  const std::vector<std::string>& secrets() const { return secrets_; }

 private:
  std::string text(const std::string& database, const std::string& settings, bool with_secrets) const;
  std::vector<std::pair<std::string, std::string>> words_;
  std::string password_;
  std::vector<std::string> secrets_;
};

}  // namespace segue::backup
