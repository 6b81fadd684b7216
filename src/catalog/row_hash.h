// The SQL that makes one row of a table into 64 bits.
//
// Values go in as the types' binary form, with lengths, and NULL as a length of its own, so no two rows look alike.
// That is done for built-in types whose binary form is exact, the same in every version from 14 on, and the same after
// a dump; all others (enums, composites, ranges, geometric types, extensions' types, …) go in as the text that a dump
// would carry. Needs the settings of session.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace segue::catalog {

struct ColumnForHash {
  std::string name;           // unquoted
  std::uint32_t type = 0;     // oid; of a domain over a built-in type, that type's
  std::uint32_t element = 0;  // oid of the element, if the type is an array
  bool domain = false;
};

// An expression of type bigint over the columns, in this order.
std::string row_hash(const std::vector<ColumnForHash>& columns);

}  // namespace segue::catalog
