// Functions of segue's that run with the rights of a table's owner, and that nobody else may call.
#pragma once

#include <string>
#include <vector>

#include "plan/table.h"

namespace segue::plan {

struct MadeFunction {
  std::string name, arguments;  // "public"."f", "integer"
};

// One statement, for the transaction that has made them: whatever rights new functions are given by default, they keep
// none but the owner's. He may write segue.resync.
std::string give_to_owner(const Table& table, const std::vector<MadeFunction>& functions);

// One statement: nobody but its owner has rights on the table, whatever is given by default.
std::string nobody_elses(const std::string& table);

// One statement that calls such a function until nothing is noted any more; what is left is waited for like a lock.
std::string settled_or_wait(const std::string& settle, const std::string& what);

}  // namespace segue::plan
