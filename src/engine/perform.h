// Does one action of a plan, journaled: what it changes and its row in the ledger are committed together; what cannot
// run in a transaction writes its intent first, and after a crash the catalog is asked what happened.
#pragma once

#include <functional>

#include "engine/work.h"

namespace segue::engine {

struct Performed {
  std::int64_t rows = 0;
  double longest_wait_ms = 0;
  double held_ms = 0;
};

// `journal` is called in the action's own transaction, with the rows that it changed, right before the commit; for what
// runs outside of one, after it.
using Journal = std::function<Status(std::int64_t rows)>;

// Whether it is fine that what is to be dropped is gone already: on the way back somebody may have dropped it.
enum class Missing { fails, is_fine };

Result<Performed> perform(Work& work, const plan::Action& action, const plan::Step& step, std::int64_t step_row,
                          const Journal& journal, Missing missing = Missing::fails);

}  // namespace segue::engine
