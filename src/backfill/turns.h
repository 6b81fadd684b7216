// The rows of a page in several turns, so that most of them stay on their page.
//
// A changed row is a new version of it. Where its page has room for that, no index is touched; a full page has none,
// and the row moves away, with an entry in every index. So of some pages every k-th row is changed first. Those move;
// the server gives their room to the versions of the next turn, as soon as nobody sees the old ones any more, and so
// on: one row in k moves instead of all. The last turn takes whatever is left, so the others need not be exact.
#pragma once

#include <cstdint>
#include <string>

#include "backfill/position.h"
#include "pg/connection.h"

namespace segue::backfill {

class Turns {
 public:
  Turns() = default;  // one turn: pages one after the other
  Turns(int count, std::int64_t chunk) : count_(count), chunk_(chunk) {}

  // As many as these columns of the table are worth: one where an index speaks of them, more where there are many
  // indexes. The pages of a chunk are in the cache still when the next turn comes to them.
  static Result<Turns> choose(pg::Connection& connection, const std::string& table,
                              const std::vector<std::string>& columns, double rows_per_page);

  int count() const { return count_; }
  std::int64_t chunk() const { return chunk_; }  // pages that are gone over in all turns before the next ones; 0: any

  // Where the batch after a place begins, and in which turn.
  Place begin(const Place& after, std::int64_t hi) const;

  // The place after a batch of so many pages full of rows; never beyond the page `hi`.
  struct Next {
    Place place;
    bool cut;  // the pages or the turn end there
  };
  Next next(const Place& after, std::int64_t hi, double pages) const;

  // The first page of the batch that ends at `stop`.
  static std::int64_t first_page(const Place& after, const Place& stop);

  // A condition for the rows of the turn in which `stop` lies; empty: all that are pending.
  std::string rows_of(const Place& stop) const;

  // How many pages lie behind a place, counted by turns.
  double behind(const Place& place, std::int64_t hi) const;

 private:
  std::int64_t end(const Chunk& chunk, std::int64_t hi) const;

  int count_ = 1;
  std::int64_t chunk_ = 0;
};

}  // namespace segue::backfill
