// The policies of a table, and the same ones for another table.
#pragma once

#include <string>
#include <vector>

#include "pg/connection.h"
#include "plan/table.h"

namespace segue::plan {

struct Policy {
  std::string name;  // unquoted
  bool permissive = true;
  std::string command;               // ALL, SELECT, …
  std::string roles;                 // as SQL
  std::string sees, checks;          // USING and WITH CHECK; empty: it has none
  std::vector<std::string> columns;  // of its own table, that it reads
  std::string comment;
};

// In the order of their names.
Result<std::vector<Policy>> policies_of(pg::Connection& connection, const std::string& table);

// Whether the policy speaks of something else by the name of `table`, so that the copy could mean another column.
bool is_ambiguous(const Policy& policy, const Table& table);

// CREATE POLICY as `like` has it, on `table`.
std::string create_text(const Policy& policy, const Table& like, const Table& table);

}  // namespace segue::plan
