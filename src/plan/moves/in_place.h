// A backfill with `writers: none`: columns that are there change their meaning, amount becomes amount * 100.
//
// What is done twice is wrong, so no row may be met twice and nobody may write meanwhile: a wall of triggers refuses
// every writer but the engine, rows are found by a key that nobody can change, and the ledger alone knows which are
// done. The way back is the same with the expressions of `back`, behind the same wall, for the rows that were done.
#pragma once

#include "plan/draft.h"

namespace segue::plan {

Status compile_in_place(Draft& draft, const migration::BackfillMove& move, const Table& table,
                        const migration::Position& at);

}  // namespace segue::plan
