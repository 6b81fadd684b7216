// Taking the locks of a transaction so that nobody waits long behind us.
//
// A lock that is waited for makes everybody wait who comes after it, so we poll with NOWAIT, and only rarely, after
// some seconds of bad luck, stand in the queue for 10, then 30 milliseconds, then the limit. All relations are locked
// before anything else, in one order. It goes on to a deadline; whoever is in the way is named meanwhile.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/work.h"

namespace segue::engine {

struct LockWait {
  double longest_ms = 0;  // of a wait in the queue
  int tries = 0;
};

// Runs a transaction from BEGIN to COMMIT; these statements, which take its locks, come right after BEGIN. `had_locks`
// is set when what failed came after them.
using Attempt = std::function<Status(const std::vector<std::string>& locking, bool& had_locks)>;

// Attempts it until the locks could be had; what fails with them is handed on. The error "lock-deadline" (exit 4) names
// the blockers.
Result<LockWait> under_locks(Work& work, const std::vector<plan::LockOn>& locks, const std::string& step,
                             const Attempt& attempt);

}  // namespace segue::engine
