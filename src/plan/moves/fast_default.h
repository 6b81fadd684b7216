// A backfill of constants into columns that this migration adds: PostgreSQL keeps such a value once, with the column,
// and no row is written or read.
#pragma once

#include "plan/draft.h"

namespace segue::plan {

// The columns come with their constants as defaults, which rows that are inserted until the end of the backfill have
// too; then the defaults go. False: it cannot be done so, nothing was changed.
bool add_as_defaults(Draft& draft, const migration::BackfillMove& move, const Table& table);

}  // namespace segue::plan
