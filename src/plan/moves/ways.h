// Which way leads from a source to the rows of the target.
#pragma once

#include <string>
#include <vector>

#include "plan/moves/sources.h"

namespace segue::plan {

// Sets `conditions` and `over` of each source, from all conditions that join them. One that no condition reaches goes
// over all others.
void find_ways(std::vector<Source>& sources, const Table& target, const std::vector<std::string>& conditions);

}  // namespace segue::plan
