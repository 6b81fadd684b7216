// What is told or changed outside of the tables, at a boundary, in the order of the file. Each hook has its row in the
// ledger before it is called, so that after a crash it is known that it may have been; it is then called again (an HTTP
// request carries the same Idempotency-Key). One that has answered is not called twice on one way up.
#pragma once

#include "engine/work.h"

namespace segue::engine {

// "after switch". The first that fails and may stop the run is the error "hook-failed".
Status run_hooks(Work& work, const std::string& boundary);

// On the way back to the end of `to`: environment files get their old form, caches are forgotten again, views and
// indexes are made anew; of what was told to others the person is told. What fails here stops nothing.
Status take_back_hooks(Work& work, migration::Phase to);

}  // namespace segue::engine
