// A report as people, scripts, code scanners and GitHub read it.
#pragma once

#include <string>

#include "base/json_fwd.h"
#include "base/terminal.h"
#include "lint/lint.h"

namespace segue::lint {

// For a person: the line with a caret, the lock, who waits, the safe form; a summary at the end.
std::string as_text(const Report& report, const Paint& paint);

// [{file, line, column, …}] as CONTRACT.md has it, as text: one finding a line.
std::string as_json(const Report& report);

// SARIF 2.1.0, one run, with the rules that were met.
Json as_sarif(const Report& report);

// Annotations of GitHub Actions, a line each.
std::string as_github(const Report& report);

}  // namespace segue::lint
