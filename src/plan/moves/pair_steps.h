// What `keep_in_sync: pair` adds to a backfill.
#pragma once

#include <optional>
#include <string>

#include "plan/draft.h"

namespace segue::plan {

// Adds the steps that keep both sides right, and gives the condition of the rows that are not right yet; nothing where
// a hazard says why it cannot be done.
Result<std::optional<BackfillJob>> add_pair(Draft& draft, const migration::BackfillMove& move, const Table& table,
                                            const std::string& title);

}  // namespace segue::plan
