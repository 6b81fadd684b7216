// A place in a table, as the ledger keeps it: the values of the key, ["17"], or the page before which it lies: page 12.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace segue::backfill {

std::string page_position(std::int64_t page);
bool is_page(const std::string& position);

// Error "ledger-broken" where the ledger holds something else.
Result<std::int64_t> read_page(const std::string& position);
Result<std::vector<std::string>> read_key(const std::string& position);

}  // namespace segue::backfill
