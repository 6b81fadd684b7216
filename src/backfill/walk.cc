#include "backfill/walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "backfill/position.h"
#include "base/text.h"

namespace segue::backfill {
namespace {

// So that a worker that ends early finds more to do, and none is held up by the rows of a small table.
constexpr std::int64_t least_pages = 128, least_rows = 5000, least_ranges = 8;

std::optional<double> number_of(const std::optional<std::string>& position) {
  if (!position) return std::nullopt;
  if (is_page(*position)) {
    const auto page = read_page(*position);
    return page ? std::optional(static_cast<double>(*page)) : std::nullopt;
  }
  const auto key = read_key(*position);
  if (!key || key->size() != 1) return std::nullopt;
  return std::strtod(key->front().c_str(), nullptr);
}

}  // namespace

Status Walk::estimate(pg::Connection& connection, const std::vector<std::string>& columns) {
  const auto rows = TRY(connection.query(
      "SELECT greatest(reltuples, 0)::bigint, CASE WHEN relpages > 0 AND reltuples > 0 THEN reltuples / relpages ELSE "
      "50 END::float8 FROM pg_class WHERE oid = $1::regclass",
      {table_}));
  rows_ = rows.integer(0, 0);
  rows_per_page_ = std::max(1.0, rows.real(0, 1));
  if (pages_) turns_ = TRY(Turns::choose(connection, table_, columns, rows_per_page_));
  return {};
}

Result<std::string> Walk::bound(pg::Connection& connection) const {
  if (pages_) {
    const auto rows = TRY(
        connection.query("SELECT pg_relation_size($1::regclass) / current_setting('block_size')::bigint", {table_}));
    return rows.integer(0, 0) == 0 ? std::string() : page_position(rows.integer(0, 0));
  }
  const auto rows = TRY(connection.query(fmt::format("SELECT {} FROM {} ORDER BY {} LIMIT 1", key_.position(), table_,
                                                     join(key_.columns, " DESC, ") + " DESC")));
  return rows.empty() ? std::string() : rows.string(0, 0);
}

Result<std::vector<Span>> Walk::split_pages(const std::string& bound, std::int64_t wanted) const {
  const auto last = TRY(read_page(bound));
  // A turn that lasts for several batches finds the room of the one before.
  const auto each =
      std::max({least_pages, (last + wanted - 1) / wanted, std::min(turns_.chunk(), last / least_ranges)});
  std::vector<Span> spans;
  for (std::int64_t from = 0; from < last; from += each) {
    spans.push_back(
        {from == 0 ? std::optional<std::string>() : page_position(from), page_position(std::min(last, from + each))});
  }
  return spans;
}

// By a sample of the keys: where it is wrong, spans are of different lengths, and nothing else.
Result<std::vector<Span>> Walk::split_keys(pg::Connection& connection, const std::string& bound,
                                           std::int64_t wanted) const {
  wanted = std::min(wanted, rows_ / least_rows);
  std::vector<Span> spans;
  std::optional<std::string> from;
  if (wanted > 1) {
    const double percent =
        std::clamp(100.0 * 100 * static_cast<double>(wanted) / static_cast<double>(rows_), 0.01, 100.0);
    const auto limit = TRY(read_key(bound));
    pg::Params values;
    for (const auto& value : limit) values.emplace_back(value);
    const auto cuts = TRY(connection.query(
        fmt::format("WITH s AS (SELECT {0}, ntile({1}) OVER (ORDER BY {0}) AS part FROM {2} TABLESAMPLE SYSTEM ({3}) "
                    "WHERE {4} < {5}) SELECT DISTINCT ON (part) {6} FROM s WHERE part < {1} ORDER BY part, {7} DESC",
                    key_.list(), wanted, table_, percent, key_.row(), key_.parameters(1), key_.position(),
                    join(key_.columns, " DESC, ")),
        values));
    for (std::size_t row = 0; row < cuts.size(); ++row) {
      const auto cut = cuts.string(row, 0);
      spans.push_back({from, cut});
      from = cut;
    }
  }
  spans.push_back({from, bound});
  return spans;
}

Result<std::vector<Span>> Walk::split(pg::Connection& connection, const std::string& bound, std::int64_t wanted) const {
  if (bound.empty()) return std::vector<Span>();
  return pages_ ? split_pages(bound, wanted) : split_keys(connection, bound, wanted);
}

Result<Stop> Walk::next(pg::Connection& connection, const std::optional<std::string>& after, const std::string& hi,
                        std::int64_t rows, bool in_turns) const {
  if (pages_) {
    const auto from = after ? TRY(read_place(*after)) : Place();
    const auto turns = in_turns ? turns_ : Turns();
    const auto next = turns.next(from, TRY(read_page(hi)), static_cast<double>(rows) / rows_per_page_);
    return Stop{to_position(next.place), next.cut};
  }
  const auto stretch = TRY(between(after, hi));
  const auto found = TRY(connection.query(fmt::format("SELECT {} FROM {} WHERE {} ORDER BY {} OFFSET {} LIMIT 1",
                                                      key_.position(), table_, stretch.where, key_.list(), rows - 1),
                                          stretch.values));
  return found.empty() ? Stop{hi, true} : Stop{found.string(0, 0)};
}

Result<int> Walk::turn(const std::optional<std::string>& after, const std::string& hi) const {
  if (!pages_) return 0;
  const auto place = turns_.begin(after ? TRY(read_place(*after)) : Place(), TRY(read_page(hi)));
  return place.chunk ? place.chunk->more : 0;
}

Result<Stretch> Walk::between(const std::optional<std::string>& after, const std::string& stop) const {
  Stretch stretch;
  if (pages_) {
    stretch.where = "ctid >= ('(' || $1::text || ',0)')::tid AND ctid < ('(' || $2::text || ',0)')::tid";
    const auto to = TRY(read_place(stop));
    stretch.values.emplace_back(std::to_string(Turns::first_page(after ? TRY(read_place(*after)) : Place(), to)));
    stretch.values.emplace_back(std::to_string(to.page));
    stretch.turn = turns_.rows_of(to);
    return stretch;
  }
  stretch.where = fmt::format("{} <= {}", key_.row(), key_.parameters(1));
  for (const auto& value : TRY(read_key(stop))) stretch.values.emplace_back(value);
  if (!after) return stretch;
  stretch.where += fmt::format(" AND {} > {}", key_.row(), key_.parameters(1 + static_cast<int>(key_.columns.size())));
  for (const auto& value : TRY(read_key(*after))) stretch.values.emplace_back(value);
  return stretch;
}

double Walk::weight(const Span& span) const {
  if (!pages_ && !key_.integer) return 1;
  const auto hi = number_of(span.hi);
  return hi ? std::max(1.0, *hi - number_of(span.lo).value_or(0)) : 1;
}

double Walk::share(const Span& span, const std::optional<std::string>& at) const {
  if (!at || (!pages_ && !key_.integer)) return 0;
  std::optional<double> here;
  if (pages_) {
    const auto place = read_place(*at);
    const auto hi = read_page(span.hi);
    if (place && hi) here = turns_.behind(*place, *hi);
  } else {
    here = number_of(at);
  }
  return here ? std::clamp((*here - number_of(span.lo).value_or(0)) / weight(span), 0.0, 1.0) : 0;
}

}  // namespace segue::backfill
