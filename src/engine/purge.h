// Empties the trash of a migration that is contracted: from then on nothing of it can be restored.
#pragma once

#include "engine/work.h"

namespace segue::engine {

// Refused before its window has closed. It can be ended at any moment and goes on with the same call.
Status purge(const Options& options, const std::string& migration);

}  // namespace segue::engine
