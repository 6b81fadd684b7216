// Runs a check: asks its query and compares with what the file expects.
//
// Everything runs in a read-only transaction that is rolled back. A query that fails is a check that fails, with the
// server's words. The rows that offend are kept, at most most_rows_shown of them, so that a person sees which.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/json_fwd.h"
#include "pg/connection.h"
#include "plan/plan.h"

namespace segue::proof {

inline constexpr std::size_t most_rows_shown = 20;

struct CheckResult {
  std::string name;
  std::string phase;  // "after backfill"
  bool ok = false;
  bool warning = false;  // what does not hold is only a warning
  std::string expected;
  std::string actual;
  std::string offending;  // the rows, as a JSON array; empty: none
  std::int64_t offenders = 0;
  std::string mend;
  std::string where;
};

// What a check of the kind `unchanged` compares with: the answer before the first step, and how many rows its tables
// had taken in and given up by then.
struct Baseline {
  std::string value;
  std::int64_t inserted = 0;
  std::int64_t deleted = 0;
};

// Puts values in for ${…} in a query.
using Resolve = std::function<Result<std::string>(const std::string& text)>;

Result<Baseline> baseline(pg::Connection& connection, const std::string& query);

Result<CheckResult> run_check(pg::Connection& connection, const plan::PlannedCheck& check, const std::string& boundary,
                              const Resolve& resolve, const Baseline* before);

Json to_json(const CheckResult& result);

}  // namespace segue::proof
