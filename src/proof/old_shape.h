// Whether a statement uses the old shape, as far as its text tells.
//
// A statement that PostgreSQL's parser (15) cannot read is taken word by word: too much may be found, nothing is
// missed. DDL is no use of the old shape, nor is what takes all of a table as it stands (COPY TO, as pg_dump sends it).
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace segue::proof {

struct Use {
  std::string old_name;  // "users.status", "deals", "users without client_id", "users ON CONFLICT (email)"
  bool certain = true;   // false: SELECT *, which may go on without it
};

std::vector<Use> uses_of(const std::string& statement, const std::vector<plan::OldName>& old_shape);

// As people say it.
std::string to_text(const plan::OldName& name);

}  // namespace segue::proof
