// Does one action of a plan, journaled: what it changes and its row in the ledger are committed together; what cannot
// run in a transaction writes its intent first, and after a crash the catalog is asked what happened.
#pragma once

#include <functional>
#include <vector>

#include "engine/work.h"

namespace segue::engine {

struct Performed {
  std::int64_t rows = 0;
  double longest_wait_ms = 0;
  double held_ms = 0;
};

// What is written in the action's own transaction, right before the commit (its rows are not known then and come
// afterwards, with the figures of its locks); for what runs outside of one, after it.
using Journal = std::function<std::vector<ledger::Statement>(std::int64_t rows)>;
inline std::vector<ledger::Statement> no_journal(std::int64_t) {
  return {};
}

// Whether it is fine that what is to be dropped is gone already: on the way back somebody may have dropped it.
enum class Missing { fails, is_fine };

Result<Performed> perform(Work& work, const plan::Action& action, const plan::Step& step, std::int64_t step_row,
                          const Journal& journal, Missing missing = Missing::fails);

}  // namespace segue::engine
