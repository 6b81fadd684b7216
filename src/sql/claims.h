// Which classes of statements facts_of makes claims about: for the test that measures every claim.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/facts.h"

namespace segue::sql {

// Tags of statements ("IndexStmt") and subtypes of ALTER TABLE's commands ("AT_AddColumn") that lock a relation.
const std::vector<std::string_view>& claimed_classes();

// The classes to which the statement belongs.
void note_classes(const Facts& facts, const Statement& statement, std::set<std::string>& classes);

}  // namespace segue::sql
