// A scratch database on a server: made to read a backup back, and gone with its owner.
//
// Its name says which session made it (pid and start), so whoever comes later knows that it is a leftover when that
// session is gone; a COMMENT says the same to people. It is dropped also after an error or a stop; where that fails,
// the next backup drops it.
#pragma once

#include <optional>
#include <string>

#include "backup/address.h"
#include "base/error.h"
#include "pg/connection.h"

namespace segue::backup {

class Scratch {
 public:
  // `creation` is what CREATE DATABASE takes: encoding and locale. Drops leftovers first.
  static Result<Scratch> make(const Address& address, const std::string& creation);
  Scratch(Scratch&& other) noexcept = default;
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch();

  const std::string& name() const { return name_; }
  std::uint64_t bytes();  // its size now; 0 where the server does not say

 private:
  Scratch(Address address, pg::Connection keeper) : address_(std::move(address)), keeper_(std::move(keeper)) {}
  Address address_;
  std::optional<pg::Connection> keeper_;  // the session that the name speaks of
  std::string name_;
};

// Drops the scratch databases whose sessions are gone and that this user may drop; how many.
int drop_leftovers(pg::Connection& connection);

}  // namespace segue::backup
