// How a table is walked: along its key, or page by page, in the order in which its rows lie.
//
// Pages need no look into an index and touch each block once; but a row that somebody writes moves to another page, so
// they are right only where such a row is right by then (healing triggers) or is looked for again afterwards. A stretch
// begins after one position and ends at another (pages: before it).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backfill/key.h"
#include "backfill/turns.h"
#include "pg/connection.h"

namespace segue::backfill {

// Rows as SQL: a condition and its values, from $1 on.
struct Stretch {
  std::string where;
  pg::Params values;
  std::string turn = {};  // a further condition: those of one turn (turns.h)
};

// From after `lo` (none: the first row) to `hi`.
struct Span {
  std::optional<std::string> lo;
  std::string hi;
};

// Where a batch ends; `cut`: earlier than after so many rows, because its span or its turn ends there.
struct Stop {
  std::string position;
  bool cut = false;
};

class Walk {
 public:
  Walk(std::string table, Key key, bool pages) : table_(std::move(table)), key_(std::move(key)), pages_(pages) {}

  bool pages() const { return pages_; }
  const Key& key() const { return key_; }

  // The last position as it is now; empty: there is no row.
  Result<std::string> bound(pg::Connection& connection) const;

  // Disjoint spans that hold every row up to the bound, about `wanted` of them; fewer where the table is small.
  Result<std::vector<Span>> split(pg::Connection& connection, const std::string& bound, std::int64_t wanted) const;

  // Where the next batch of about so many rows ends. `in_turns`: pages are carried in several turns.
  Result<Stop> next(pg::Connection& connection, const std::optional<std::string>& after, const std::string& hi,
                    std::int64_t rows, bool in_turns) const;

  // Which turn that is in, as a number; rows of one turn take about equally long.
  Result<int> turn(const std::optional<std::string>& after, const std::string& hi) const;

  Result<Stretch> between(const std::optional<std::string>& after, const std::string& stop) const;

  // How much of a span lies before a position, as far as that can be told; 0 to 1.
  double share(const Span& span, const std::optional<std::string>& at) const;

  // What share() counts, to weigh one span against another: pages, or numbers of the key; 1 where it cannot be told.
  double weight(const Span& span) const;

  // How many rows there are, and in a page, as the server believes, and how pages are carried where these columns are
  // set; before anything else.
  Status estimate(pg::Connection& connection, const std::vector<std::string>& columns);

 private:
  Result<std::vector<Span>> split_pages(const std::string& bound, std::int64_t wanted) const;
  Result<std::vector<Span>> split_keys(pg::Connection& connection, const std::string& bound, std::int64_t wanted) const;

  std::string table_;
  Key key_;
  bool pages_;
  std::int64_t rows_ = 0;
  double rows_per_page_ = 50;
  Turns turns_;
};

}  // namespace segue::backfill
