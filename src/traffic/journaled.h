// The writes that an executed (or about to be executed) statement makes, by its journal rule.
#pragma once

#include <string>
#include <vector>

#include "pg/rows.h"
#include "traffic/journal.h"

namespace segue::traffic {

// Before its answer is known: what is returned stays open.
Write write_before(const JournalRule& rule, const std::vector<Value>& params);

// After it: one write for each returned row if the key is returned, else one if any row was touched. An error names a
// column that the rule wants and the statement does not return.
Result<std::vector<Write>> writes_after(const JournalRule& rule, const std::vector<Value>& params,
                                        const pg::Rows& rows);

}  // namespace segue::traffic
