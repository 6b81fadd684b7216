// Edits to a text at byte offsets, applied all at once.
//
// SQL is never printed back from its tree, because that loses things: the user's own bytes stay, and what must change
// is spliced in. What was rewritten is parsed again before it is used.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/split.h"

namespace segue::sql {

struct Edit {
  Range range;       // what goes; empty: nothing goes, `text` is put in before range.begin
  std::string text;  // what comes
  bool operator==(const Edit&) const = default;
};

// The text with all edits; an error (code "edits-overlap") where two of them want the same bytes. Insertions at one
// place keep their order.
Result<std::string> splice(std::string_view text, std::vector<Edit> edits);

// The same, and every statement of the result parses; else an error (code "splice-broke-it") with the parser's words.
Result<std::string> splice_and_parse(std::string_view text, std::vector<Edit> edits);

}  // namespace segue::sql
