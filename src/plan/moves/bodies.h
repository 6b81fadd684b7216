// What hangs on a table or a column that leaves: what the server carries along by itself is fine, what only a text
// names is not, unless a `sql:` move of this migration makes that function anew.
#pragma once

#include <string>
#include <vector>

#include "catalog/dependents.h"
#include "plan/draft.h"

namespace segue::plan {

// Hazards for function bodies that name `what` and for recorded dependents of these kinds ("view", "policy"); a note
// for bodies that cannot be read.
void judge_dependents(Draft& draft, const std::vector<catalog::Dependent>& dependents, const std::string& what,
                      const std::vector<std::string>& refused_kinds, const migration::Position& at);

}  // namespace segue::plan
