// The files that lint is asked for: names, folders (all .sql files below, in the order in which they run) and `-`.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace segue::lint {

// Folders become their files, in the order in which migration tools run them (order.h); so do the files that a shell's
// pattern gives. What matches one of the patterns (`*` within a folder, `**` across folders) is left out.
Result<std::vector<std::string>> files_of(const std::vector<std::string>& inputs,
                                          const std::vector<std::string>& ignore);

Result<std::string> read_file(const std::string& path);  // "-" is standard input

bool matches(const std::string& pattern, const std::string& path);

}  // namespace segue::lint
