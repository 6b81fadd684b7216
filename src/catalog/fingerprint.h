// One hash for a whole catalog: equal catalogs, equal hash, whatever the order in which their objects were made, and
// also after pg_dump and restore. What it does not see is declared in blind_list(), and nothing else is missing.
#pragma once

#include <string>
#include <vector>

#include "catalog/snapshot.h"

namespace segue::catalog {

// 32 hexadecimal digits. Server versions do not count, so one catalog on two servers has one fingerprint as far as both
// versions can say the same.
std::string fingerprint(const Snapshot& snapshot);

// Of the catalog as it is now.
Result<std::string> fingerprint_now(pg::Connection& connection);

struct BlindSpot {
  std::string what;  // "sequence positions"
  std::string why;   // "they move with every insert, and rollback cannot take numbers back"
};

// What a fingerprint does not see, for the documentation and for reports.
const std::vector<BlindSpot>& blind_list();

}  // namespace segue::catalog
