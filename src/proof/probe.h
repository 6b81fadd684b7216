// A probe: a query of the application, measured before and after, and the plan that the server takes for it.
//
// The median of several runs counts. Under a millisecond time says nothing, and buffers are compared instead. Nothing
// is changed: every run is in a read-only transaction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/connection.h"
#include "plan/plan.h"

namespace segue::proof {

struct Measured {
  double ms = 0;
  std::int64_t buffers = 0;
  std::vector<std::string> indexes;    // that the plan uses
  std::vector<std::string> seq_scans;  // tables that it reads whole
  std::string plan;                    // as JSON
};

Result<Measured> measure(pg::Connection& connection, const std::string& query, int runs);

struct ProbeResult {
  std::string name;
  bool ok = false;
  std::string message;  // what was found, in one line
  Measured before, after;
};

// `before` as it was measured before the first step; nullptr where it could not be.
ProbeResult judge(const plan::PlannedProbe& probe, const Measured* before, const Measured& after);

}  // namespace segue::proof
