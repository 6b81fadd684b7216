// What `keep_in_sync: pair` adds to a backfill.
#pragma once

#include <optional>
#include <string>

#include "plan/draft.h"

namespace segue::plan {

// Adds the steps that keep both sides right, and gives the backfill of the rows that are there; nothing where a hazard
// says why it cannot be done. `names` lists the columns that are set, for people.
Result<std::optional<BackfillJob>> add_pair(Draft& draft, const migration::BackfillMove& move, const Table& table,
                                            const std::string& names, const std::string& title);

}  // namespace segue::plan
