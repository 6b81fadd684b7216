// How a statement leaves the transaction in which its tool runs the file: under the tool's mark, or into a file of its
// own right behind. Only fix.cc uses this.
#pragma once

#include <optional>
#include <string>

#include "lint/visit.h"
#include "sql/splice.h"

namespace segue::lint {

// The edit that tells the tool to open no transaction around the finding's statement; nothing where the layout has no
// such mark. dbmate marks each half by itself, goose the file.
std::optional<sql::Edit> no_transaction_mark(const File& file, const Finding& finding);

// Whether the statement may go into a file of its own: not where the rest of its file leans on it.
bool takes_sibling(const File& file, const Finding& finding);

// The edit that takes the statement out of its file.
sql::Edit removal_of(const File& file, const Finding& finding);

// The whole text of a file with this statement alone.
std::string text_of_sibling(Layout layout, const std::string& statement);

}  // namespace segue::lint
