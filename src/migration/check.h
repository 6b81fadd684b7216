// A check: a query and what it must answer, at one or more boundaries.
#pragma once

#include <optional>
#include <vector>

#include "migration/phase.h"
#include "migration/value.h"

namespace segue::migration {

// Before or after a phase on the way there, or after the phase was undone on the way back.
struct Boundary {
  enum class Side { before, after, after_rollback };
  Side side = Side::after;
  Phase phase = Phase::expand;
  bool operator==(const Boundary&) const = default;
};

// "after backfill", "after rollback of expand"
std::string to_text(const Boundary& boundary);

// What `query` must give. A list is compared with the answer's values read row by row, left to right; a single value is
// a list of one; min and max hold for the answer's one value.
struct Expectation {
  std::vector<Value> values;
  bool is_range = false;
  std::optional<Value> min;
  std::optional<Value> max;
};

enum class CheckKind { expect, no_rows, same_as, unchanged };
enum class Severity { error, warning };

struct Check {
  Text name;
  std::vector<Boundary> when;  // at least one
  CheckKind kind = CheckKind::expect;
  Text query;          // of every kind
  Expectation expect;  // of expect
  Text same_as;        // of same_as: the other query
  Setting<Severity> severity{Severity::error, {}};
  std::string mend;  // of a file of checks: a comment line `-- mend: …` below the head, what to do where it fails
  Position at;
};

}  // namespace segue::migration
