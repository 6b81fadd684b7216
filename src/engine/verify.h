// Whether what the ledger says still holds: the checks of the last boundary, and the catalog as segue left it there.
// Reads only; works beside a run.
#pragma once

#include <string>
#include <vector>

#include "proof/check.h"

namespace segue::engine {

Result<std::vector<proof::CheckResult>> verify(const std::string& database, const std::string& migration);

}  // namespace segue::engine
