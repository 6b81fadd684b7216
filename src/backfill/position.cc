#include "backfill/position.h"

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

}  // namespace

std::string page_position(std::int64_t page) {
  return std::string(page_word) + std::to_string(page);
}

bool is_page(const std::string& position) {
  return position.starts_with(page_word);
}

Result<std::int64_t> read_page(const std::string& position) {
  std::int64_t page = 0;
  if (!is_page(position)) return broken(position);
  const auto* end = position.data() + position.size();
  const auto read = std::from_chars(position.data() + page_word.size(), end, page);
  if (read.ec != std::errc() || read.ptr != end || page < 0) return broken(position);
  return page;
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
