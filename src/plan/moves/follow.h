// Values of other tables that stay right whoever writes where (protocol 6).
//
// Of the row itself a trigger asks for the value whenever the row is written, and for it the engine asks too. Each of
// the other tables has a trigger that brings a change to the rows that it reaches, those that nobody holds. Neither
// ever waits for a row of the other side. What both miss, because two write at the same moment and neither sees the
// other's row yet, is why each change is also noted in segue.resync: a function looks at its rows again, once when the
// change can be seen and once when all have ended that could still have read what was before. The engine calls it every
// second, and before each comparison; between runs every further change calls it for a few.
#pragma once

#include <string>
#include <vector>

#include "plan/draft.h"
#include "plan/moves/sources.h"

namespace segue::plan {

// The same backfill with each value as one question that a row can be asked by itself. Without a counterpart the value
// is NULL; of several it is the least.
Result<migration::BackfillMove> as_questions(Draft& draft, const migration::BackfillMove& move, const Table& target);

// Adds the functions and the triggers on both sides. `asked` is what as_questions has given; `heal` makes right, after
// a restore, what was written while the triggers were away.
Status follow_sources(Draft& draft, const migration::BackfillMove& move, const migration::BackfillMove& asked,
                      const Table& target, const std::vector<Source>& sources, BackfillJob& fill,
                      const std::string& title);

}  // namespace segue::plan
