// Taking the locks of a transaction so that nobody waits long behind us.
//
// A lock that is waited for makes everybody wait who comes after it, so we poll with NOWAIT, and only rarely, after
// some seconds of bad luck, stand in the queue for 10, then 30 milliseconds, then the limit. All relations are locked
// before anything else, in one order. It goes on to a deadline; whoever is in the way is named meanwhile.
#pragma once

#include "engine/work.h"

namespace segue::engine {

struct LockWait {
  double longest_ms = 0;  // of a wait in the queue
  int tries = 0;
};

// Begins a transaction and leaves it open with all locks taken. The error "lock-deadline" (exit 4) names the blockers.
Result<LockWait> begin_with_locks(Work& work, const std::vector<plan::LockOn>& locks, const std::string& step);

}  // namespace segue::engine
