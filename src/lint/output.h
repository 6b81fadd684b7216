// A report as people, scripts, code scanners and GitHub read it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/json_fwd.h"
#include "base/terminal.h"
#include "lint/lint.h"

namespace segue::lint {

// For a person: the line with a caret, the lock, who waits, the safe form; a summary at the end.
std::string as_text(const Report& report, const Paint& paint);

// [{file, line, column, …}] as CONTRACT.md has it, one finding a line, handed out part by part.
void write_json(const Report& report, const std::function<void(std::string_view)>& write);

// SARIF 2.1.0, one run, with the rules that were met.
Json as_sarif(const Report& report);

// Annotations of GitHub Actions, a line each.
std::string as_github(const Report& report);

}  // namespace segue::lint
