// The way back of one statement of the user's.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "sql/facts.h"

namespace segue::plan {

// As the sets of made objects hold it.
std::string name_of(const sql::QualifiedName& name);

// The statement that takes it back; empty text where nothing is to be done, because all that it touches is made by the
// same move (`made`, by display name) and goes with it; nothing where only the author can say.
std::optional<std::string> undo_of(const sql::Statement& statement, const sql::Facts& facts,
                                   const std::set<std::string>& made);

}  // namespace segue::plan
