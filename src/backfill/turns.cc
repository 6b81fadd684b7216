#include "backfill/turns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "backfill/key.h"

namespace segue::backfill {
namespace {

constexpr double chunk_rows = 150000;
constexpr std::int64_t least_chunk = 256, most_chunk = 4096;
constexpr int usual_turns = 4, many_turns = 8, many_indexes = 3;

}  // namespace

Result<Turns> Turns::choose(pg::Connection& connection, const std::string& table,
                            const std::vector<std::string>& columns, double rows_per_page) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(unquoted(column));
  const auto rows = TRY(connection.query(R"sql(
SELECT count(*),
       bool_or(EXISTS (SELECT FROM pg_depend d
                       JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                       WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                         AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND a.attname = ANY ($2))),
       pg_size_bytes(current_setting('shared_buffers')) / current_setting('block_size')::bigint
FROM pg_index i WHERE i.indrelid = $1::regclass)sql",
                                         {table, names}));
  const bool indexed = !rows.is_null(0, 1) && rows.boolean(0, 1);
  const int wanted = rows.integer(0, 0) >= many_indexes ? many_turns : usual_turns;
  // A few rows to a page cannot be told apart any finer.
  const int count = std::min(wanted, static_cast<int>(rows_per_page / 2));
  if (indexed || count < 2) return Turns();
  const auto cached = std::clamp(rows.integer(0, 2) / 8, least_chunk, most_chunk);
  return Turns(count, std::clamp<std::int64_t>(std::llround(chunk_rows / rows_per_page), least_chunk, cached));
}

Place Turns::begin(const Place& after, std::int64_t hi) const {
  if (!after.chunk) return count_ == 1 ? after : Place{after.page, Chunk{after.page, count_ - 1}};
  const auto& chunk = *after.chunk;
  // It was begun with more turns than there are now.
  if (chunk.more >= count_) return {chunk.from, Chunk{chunk.from, count_ - 1}};
  if (after.page < end(chunk, hi)) return after;
  return chunk.more == 0 ? Place{after.page, {}} : Place{chunk.from, Chunk{chunk.from, chunk.more - 1}};
}

Turns::Next Turns::next(const Place& after, std::int64_t hi, double pages) const {
  auto place = begin(after, hi);
  const auto last = place.chunk ? end(*place.chunk, hi) : hi;
  // A turn takes its share of the rows of a page, so it goes over more pages.
  place.page += std::max<std::int64_t>(1, std::llround(pages * count_));
  const bool cut = place.page > last;
  place.page = std::min(last, place.page);
  if (place.chunk && place.chunk->more == 0 && place.page == last) place.chunk.reset();
  return {place, cut};
}

std::int64_t Turns::end(const Chunk& chunk, std::int64_t hi) const {
  return chunk_ > 0 ? std::min(hi, chunk.from + chunk_) : hi;
}

std::int64_t Turns::first_page(const Place& after, const Place& stop) {
  if (!after.chunk) return after.page;
  const int more = stop.chunk ? stop.chunk->more : 0;
  return after.chunk->more == more ? after.page : after.chunk->from;
}

std::string Turns::rows_of(const Place& stop) const {
  if (!stop.chunk || stop.chunk->more == 0) return {};
  // By the last byte of the row's number within its page.
  return fmt::format("get_byte(tidsend(ctid), 5) % {} = {}", count_, stop.chunk->more);
}

double Turns::behind(const Place& place, std::int64_t hi) const {
  if (!place.chunk) return static_cast<double>(place.page);
  const double turns = count_, done = std::max(0.0, turns - 1 - place.chunk->more);
  const auto length = static_cast<double>(end(*place.chunk, hi) - place.chunk->from);
  const auto here = static_cast<double>(place.page - place.chunk->from);
  return static_cast<double>(place.chunk->from) + (done * length + here) / turns;
}

}  // namespace segue::backfill
