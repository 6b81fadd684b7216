// One transaction of an action, sent in one go: BEGIN, its locks, its statements, its row in the ledger, COMMIT.
// However far away the server is, its locks are held only as long as the server itself needs.
#pragma once

#include "engine/perform.h"

namespace segue::engine {

// `missing_is_fine`: what is to be dropped and is gone already is told and left out.
Result<Performed> in_transaction(Work& work, const plan::Action& action, const plan::Step& step, const Journal& journal,
                                 bool missing_is_fine);

}  // namespace segue::engine
