// The SQL statements inside PL/pgSQL code, at their places in the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/split.h"

namespace segue::sql {

struct Code {
  std::vector<Range> statements;  // SQL statements, without their semicolons
  std::vector<Range> executes;    // EXECUTE …: what it runs cannot be seen
  std::vector<Range> loops;       // from LOOP, WHILE or FOR to END LOOP
  std::vector<Range> commits;     // COMMIT and ROLLBACK
};

// Of a body: what stands between the quotes, at [begin, end) of `text`. The reading is by keywords, so code that does
// not compile is read as well.
Code read_code(std::string_view text, std::size_t begin, std::size_t end);

// The bytes between the quotes of a string constant that begins at or behind `from`: $$…$$ or '…'; empty where there is
// none. A body in '…' is given only if no quote is doubled in it.
Range quoted_body(std::string_view text, std::size_t from, std::size_t end);

// `text` with everything but these ranges blanked, a semicolon after each: it splits and parses to just these
// statements, at the same places.
std::string only(std::string_view text, const std::vector<Range>& ranges);

}  // namespace segue::sql
