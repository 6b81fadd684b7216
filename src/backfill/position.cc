#include "backfill/position.h"

#include <fmt/format.h>

#include <regex>

#include "base/json.h"

namespace segue::backfill {
namespace {

constexpr std::string_view page_word = "page ";

tl::unexpected<Error> broken(const std::string& position) {
  return failure("ledger-broken", "the ledger has a place in a table that is none: " + position,
                 "somebody changed schema segue by hand, or it was restored in part: put it back as it was",
                 "segue.backfill_range");
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

Result<Place> read_place(const std::string& position) {
  static const std::regex form("page ([0-9]{1,10})(?: from ([0-9]{1,10}) more ([0-9]{1,3}))?");
  std::smatch part;
  if (!std::regex_match(position, part, form)) return broken(position);
  Place place{std::stoll(part[1]), {}};
  if (part[2].matched) place.chunk = Chunk{std::stoll(part[2]), std::stoi(part[3])};
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
