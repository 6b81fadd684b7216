#include "backfill/turns.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "backfill/position.h"

namespace segue::backfill {
namespace {

constexpr std::int64_t hi = 40;
constexpr int rows_of_a_page = 11;

Turns draw_turns() {
  const auto count = *rc::gen::inRange(1, 9);
  return count == 1 ? Turns() : Turns(count, *rc::gen::inRange<std::int64_t>(1, 50));
}

// The rows (page, number within it) of the batch from one place to the next, as its condition finds them.
std::set<std::pair<std::int64_t, int>> rows_of(const Turns& turns, const Place& after, const Place& stop) {
  const bool all = turns.rows_of(stop).empty();
  std::set<std::pair<std::int64_t, int>> rows;
  for (auto page = Turns::first_page(after, stop); page < stop.page; ++page) {
    for (int row = 1; row <= rows_of_a_page; ++row) {
      if (all || row % turns.count() == stop.chunk->more) rows.emplace(page, row);
    }
  }
  return rows;
}

// A law: whatever the batches' sizes, each row is met by the end, and the way has an end.
RC_GTEST_PROP(Turns, EachRowIsMet, ()) {
  const auto turns = draw_turns();
  std::set<std::pair<std::int64_t, int>> met;
  Place place;
  double behind = 0;
  while (place.chunk || place.page != hi) {
    const auto next = turns.next(place, hi, *rc::gen::inRange(1, 120) / 10.0).place;
    met.merge(rows_of(turns, place, next));
    RC_ASSERT(turns.behind(next, hi) >= behind - 1e-9);
    behind = turns.behind(next, hi);
    const auto read = read_place(to_position(next));
    RC_ASSERT(read.has_value() && to_position(*read) == to_position(next));
    place = *read;
  }
  RC_ASSERT(met.size() == static_cast<std::size_t>(hi * rows_of_a_page));
}

// The same where another process goes on, whose server has another cache or another index by now.
RC_GTEST_PROP(Turns, EachRowIsMetWhateverTheTurnsAreLater, ()) {
  std::set<std::pair<std::int64_t, int>> met;
  Place place;
  for (int batch = 0; place.chunk || place.page != hi; ++batch) {
    const auto turns = batch < 30 ? draw_turns() : Turns();
    const auto next = turns.next(place, hi, *rc::gen::inRange(1, 60) / 10.0).place;
    met.merge(rows_of(turns, place, next));
    place = next;
    RC_ASSERT(batch < 1000);
  }
  RC_ASSERT(met.size() == static_cast<std::size_t>(hi * rows_of_a_page));
}

TEST(Turns, PlacesAreReadAsTheyWereWritten) {
  EXPECT_EQ(to_position({12, {}}), "page 12");
  EXPECT_EQ(to_position({12, Chunk{8, 3}}), "page 12 from 8 more 3");
  for (const auto* rubbish : {"page", "page x", "page -1", "page 1 from 2", "[\"7\"]", "page 12 from 8 more 3 "}) {
    EXPECT_FALSE(read_place(rubbish)) << rubbish;
  }
}

}  // namespace
}  // namespace segue::backfill
