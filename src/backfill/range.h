// The ranges of a backfill in the ledger: where each begins and ends, how far it is, and whose it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backfill/walk.h"
#include "pg/connection.h"

namespace segue::backfill {

struct Range {
  std::int64_t id = 0;
  Span span;
  std::optional<std::string> cursor;  // none: nothing done yet
  std::int64_t rows = 0;
  std::string state;  // pending, running, done, comparing, right

  // Where it goes on.
  const std::optional<std::string>& after() const { return cursor ? cursor : span.lo; }
};

// Whose ranges: of a step, of the table or partition that they hold rows of; by the epoch of their runner.
struct Ours {
  std::int64_t step = 0, epoch = 0;
  std::string table;
};

// Those of this step, and ours from now on: an older runner's batch raises at its fence. In their order; none where the
// step has not begun. Waits for the commit of a batch that is still under way, so what we read is final.
Result<std::vector<Range>> take_ranges(pg::Connection& connection, const Ours& ours);

Result<std::vector<Range>> make_ranges(pg::Connection& connection, const Ours& ours, const std::vector<Span>& spans,
                                       const std::string& state);

// As the ledger has it now; nothing where it is not ours any more.
Result<std::optional<Range>> look_again(pg::Connection& connection, std::int64_t range, std::int64_t epoch);

// Of a way up that has not come to its end only what it has done is left, to be gone over from its beginning by this
// epoch. False: it had done nothing.
Result<bool> keep_what_was_done(pg::Connection& connection, std::int64_t step, std::int64_t epoch);

// Whether the table's file is another one than when this was asked last in this step: VACUUM FULL and CLUSTER write it
// anew, and its rows lie elsewhere. Then all ranges are to be compared again.
Status notice_rewrite(pg::Connection& connection, const Ours& ours);

// The fence: the first statement of a batch. It moves the cursor from $3 to $4 if the range is still ours ($1 the
// range, $2 the epoch), and divides by zero if it is not.
extern const char* const fence;

// All that are carried, and those whose comparison was not ended, are to be compared from their beginning; with
// `those_too` also the ones that were right.
Result<std::vector<Range>> begin_comparison(pg::Connection& connection, const Ours& ours, bool those_too);

// Its state, and from where it goes on; only while it is ours.
Status set_state(pg::Connection& connection, const Range& range, std::int64_t epoch);

}  // namespace segue::backfill
