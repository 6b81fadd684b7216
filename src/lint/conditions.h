// Conditions of CHECKs as trees: kept from one statement to the next, because each is tried on row after row.
#pragma once

#include <string>
#include <unordered_map>

#include "sql/parse.h"

namespace segue::lint {

class Conditions {
 public:
  // Of "CHECK (total > 0)"; an empty node where it cannot be read. Good until the next call.
  sql::Node of(const std::string& check);

 private:
  std::unordered_map<std::string, sql::Source> read_;
};

}  // namespace segue::lint
