// A place in a table, as the ledger keeps it: the values of the key, ["17"], or the page before which it lies: "page
// 12". Where pages are carried in several turns, a place within them: "page 12 from 8 more 3" lies before page 12 in
// one of the turns over the pages from 8 on, after which 3 more follow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace segue::backfill {

struct Chunk {
  std::int64_t from = 0;
  int more = 0;
};

struct Place {
  std::int64_t page = 0;
  std::optional<Chunk> chunk;
};

std::string page_position(std::int64_t page);
std::string to_position(const Place& place);
bool is_page(const std::string& position);

// Error "ledger-broken" where the ledger holds something else.
Result<std::int64_t> read_page(const std::string& position);
Result<Place> read_place(const std::string& position);
Result<std::vector<std::string>> read_key(const std::string& position);

}  // namespace segue::backfill
