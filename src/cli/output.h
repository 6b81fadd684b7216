// Answers, on stdout. A reader that went away (a closed pipe) ends the writing, not the program.
#pragma once

#include <string_view>

#include "base/json_fwd.h"

namespace segue::cli {

void print(std::string_view text);
void print_line(std::string_view text);
// Whether everything that was printed has arrived; a full disk under stdout is told at the end, once.
bool all_was_printed();

// After Ctrl-C a terminal shows ^C behind what stands there: what comes next begins a line of its own.
void end_typed_line();

void print_json(const Json& value);  // indented on a terminal, one line otherwise

}  // namespace segue::cli
