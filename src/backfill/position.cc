#include "backfill/position.h"

#include <fmt/format.h>

#include <charconv>

#include "base/json.h"

namespace segue::backfill {
namespace {

constexpr std::string_view page_word = "page ";

tl::unexpected<Error> broken(const std::string& position) {
  return failure("ledger-broken", "the ledger has a place in a table that is none: " + position,
                 "somebody changed schema segue by hand, or it was restored in part: put it back as it was",
                 "segue.backfill_range");
}

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// A whole number without a sign.
template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || number < 0) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return true;
}

}  // namespace

std::string page_position(std::int64_t page) {
  return std::string(page_word) + std::to_string(page);
}

std::string to_position(const Place& place) {
  if (!place.chunk) return page_position(place.page);
  return fmt::format("page {} from {} more {}", place.page, place.chunk->from, place.chunk->more);
}

bool is_page(const std::string& position) {
  return position.starts_with(page_word);
}

// Every batch and every look at the progress read places: by hand, because a regular expression takes its time.
Result<Place> read_place(const std::string& position) {
  std::string_view rest = position;
  Place place;
  if (!take_word(rest, page_word) || !take_number(rest, place.page)) return broken(position);
  if (rest.empty()) return place;
  Chunk chunk;
  if (!take_word(rest, " from ") || !take_number(rest, chunk.from) || !take_word(rest, " more ") ||
      !take_number(rest, chunk.more) || !rest.empty()) {
    return broken(position);
  }
  place.chunk = chunk;
  return place;
}

Result<std::int64_t> read_page(const std::string& position) {
  const auto place = TRY(read_place(position));
  if (place.chunk) return broken(position);
  return place.page;
}

Result<std::vector<std::string>> read_key(const std::string& position) {
  const auto read = Json::parse(position, nullptr, false);
  if (!read.is_array() || read.empty()) return broken(position);
  std::vector<std::string> values;
  for (const auto& value : read) {
    if (!value.is_string()) return broken(position);
    values.push_back(value.get<std::string>());
  }
  return values;
}

}  // namespace segue::backfill
