// A gate: a stop before a phase until what it asks for is there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "migration/phase.h"
#include "migration/units.h"
#include "migration/value.h"

namespace segue::migration {

struct Gate {
  Phase before = Phase::enforce;
  Text name;                    // never empty: without `name:` the gate is called by its phase
  std::vector<Text> approvals;  // roles
  Setting<bool> four_eyes{false, {}};
  Text health;                                      // a URL
  std::optional<Setting<std::int64_t>> not_before;  // milliseconds since 1970
  std::optional<Setting<Duration>> wait;            // since the switch
  std::optional<Setting<Duration>> old_shape_unused_for;
  std::vector<Text> command;
  Position at;
};

}  // namespace segue::migration
