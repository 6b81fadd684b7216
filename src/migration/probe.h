// A probe: a query of the application whose plan and time may not get worse by more than a stated share.
#pragma once

#include <optional>
#include <vector>

#include "migration/units.h"
#include "migration/value.h"

namespace segue::migration {

struct Probe {
  Text name;
  Text before;  // the old application's form; empty where only `after` is looked at
  Text after;   // the new one's; empty where the query stays as it is
  std::optional<Setting<double>> slower_by_at_most;  // a share, 0.1 for 10%
  std::optional<Setting<Duration>> at_most;
  std::vector<Text> uses;  // any of these indexes; empty: not looked at
  Setting<bool> no_seq_scan{false, {}};
  Setting<int> runs{5, {}};
  Position at;
};

}  // namespace segue::migration
