// The statement that takes back what another one made, as far as the text alone tells.
//
// An undo must never take away what was there before. So what can find its object in place already (IF NOT EXISTS, OR
// REPLACE, ENABLE ROW LEVEL SECURITY, SET NOT NULL) has an inverse only under a condition, given as a query that is to
// be asked *before* the statement runs. Names are spelled as the user wrote them.
#pragma once

#include <optional>
#include <string>

#include "sql/parse.h"

namespace segue::sql {

struct Inverse {
  std::string sql;      // without a semicolon, several statements joined by "; "; empty: there is nothing to take back
  std::string only_if;  // a query with one boolean; empty: always
  // What a false answer means: true, the statement changed nothing and needs no inverse; false, the old state has to
  // come from the catalog.
  bool else_nothing = true;
};

// Nothing where the inverse needs the catalog (old definitions, comments, defaults), where what the statement did
// cannot be told (an unnamed index), or where it destroys data (DROP, UPDATE, DELETE).
std::optional<Inverse> conditional_inverse_of(const Statement& statement);

// The inverse that holds without any condition.
std::optional<std::string> inverse_of(const Statement& statement);

}  // namespace segue::sql
