// The other tables that a backfill reads and has to follow when they change (protocol 6).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/draft.h"
#include "sql/from_clause.h"

namespace segue::plan {

struct Source {
  Table table;
  sql::FromTable written;            // as it stands in the text after FROM
  std::vector<std::string> columns;  // unquoted: a change of others changes nothing here
  std::vector<std::string> finds;    // those of them by which rows are found, not only given their values
};

// What follows FROM, in one text.
std::string from_of(const migration::BackfillMove& move);

// Those after FROM; nothing where a hazard says why one of them cannot be followed.
Result<std::optional<std::vector<Source>>> sources_of(Draft& draft, const migration::BackfillMove& move,
                                                      const Table& target);

// A note for tables that only a subquery reads: rows do not follow when they change.
Status note_not_followed(Draft& draft, const migration::BackfillMove& move, const Table& target,
                         const std::vector<Source>& followed);

}  // namespace segue::plan
