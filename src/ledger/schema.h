// The ledger's tables, in schema `segue` of the target database: what was done, by whom, how far.
//
// Made when first needed, brought up to date by numbered changes, readable by people: every table and column has a
// comment. Nobody but its owner may touch it (REVOKE ALL FROM PUBLIC). It counts in no fingerprint.
#pragma once

#include "pg/connection.h"

namespace segue::ledger {

// Whether this database has a ledger at all.
Result<bool> exists(pg::Connection& connection);

// Makes it or brings it up to date, in one transaction; two at once do not collide.
Status ensure(pg::Connection& connection);

}  // namespace segue::ledger
