// The part of dependents.h that the server knows: pg_depend, followed through views. Only dependents.cc uses it.
#pragma once

#include <string>
#include <vector>

#include "catalog/dependents.h"

namespace segue::catalog {

// What they depend on, as pg_depend says it: a catalog, an oid, and a column's number (0: the whole).
struct Address {
  std::string catalog;  // "pg_class"
  std::string oid;
  std::string column = "0";
};

Result<std::vector<Dependent>> recorded_dependents(pg::Connection& connection, const std::vector<Address>& of);

}  // namespace segue::catalog
