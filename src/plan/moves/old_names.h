// What a `sql:` statement of the switch or of the contract takes away from the old shape: tables and columns that it
// drops or renames. By these names `usage` knows the statements of the old application.
#pragma once

#include "plan/draft.h"
#include "sql/facts.h"
#include "sql/parse.h"

namespace segue::plan {

Status note_old_names(Draft& draft, const sql::Statement& statement, const sql::Facts& facts);

}  // namespace segue::plan
