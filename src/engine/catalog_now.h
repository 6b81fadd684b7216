// The fingerprint of the catalog as it is now. It reads what somebody may hold ACCESS EXCLUSIVE; then it says who, and
// goes on when he lets go, at most until the lock deadline of the plan.
#pragma once

#include "engine/work.h"

namespace segue::engine {

Result<std::string> catalog_now(Work& work);

}  // namespace segue::engine
