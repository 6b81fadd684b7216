// A constraint that leaves with the contract, and how it comes back.
#pragma once

#include <string>
#include <vector>

#include "plan/step.h"
#include "plan/table.h"

namespace segue::plan {

struct LeavingConstraint {
  std::string name, definition, comment;  // the definition without NOT VALID
  std::string referenced;                 // of a foreign key: the other table, quoted
  bool valid = true;                      // old rows were looked at
  std::string cannot_be;                  // rows that it does not allow, as `t`
};

// Without the words that say that old rows were not looked at.
std::string without_not_valid(std::string definition);

// As SQL over pg_constraint c and its referenced table r in schema n: the rows, as `t`, that the foreign key does not
// allow. It names the other table as quote_name does, so that the name can be found in it again.
extern const char* const rows_without_counterpart_sql;

// With its comment, and looked at again where it was; nobody waits for the look.
std::vector<Action> constraint_again(const Table& table, const LeavingConstraint& constraint);

}  // namespace segue::plan
