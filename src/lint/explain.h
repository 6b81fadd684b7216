// What a rule means, from the same table that the rules run by: on the terminal and as documentation pages.
#pragma once

#include <string>

#include "base/error.h"

namespace segue::lint {

// One rule, or with "all" a list of all; an error with the nearest code where there is none of this name.
Result<std::string> explain(const std::string& code);

// Writes one page a rule and index.md into the folder.
Status write_pages(const std::string& folder);

}  // namespace segue::lint
