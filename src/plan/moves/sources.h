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
  std::string alias;                 // as the text calls it, unquoted
  std::vector<std::string> columns;  // unquoted: a change of others changes nothing here
  std::vector<std::string> finds;    // those of them by which rows are found, not only given their values
  // How a row of it finds the target's rows: by these conditions, over these other sources. The shortest way: what it
  // does not need may be gone in the same statement.
  std::vector<std::string> conditions;
  std::vector<std::size_t> over;  // numbers of other sources
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
