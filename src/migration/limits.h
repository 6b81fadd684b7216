// Limits, windows, schedule: what a run may cost, and when. Defaults are the documented ones.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "migration/units.h"
#include "migration/value.h"

namespace segue::migration {

struct Limits {
  Setting<Allowance> warnings{{0, {}}, {}};     // of the rows that warning checks looked at
  Setting<Allowance> failed_rows{{0, {}}, {}};  // rows that could not be carried
  Setting<Duration> lock_wait{std::chrono::milliseconds(50), {}};
  Setting<Duration> lock_deadline{std::chrono::minutes(10), {}};
  Setting<std::int64_t> batch{0, {}};             // rows; 0: auto
  Setting<int> workers{0, {}};                    // 0: auto
  std::optional<Setting<std::int64_t>> wal_rate;  // bytes per second
  std::optional<Setting<Duration>> replication_lag;
  // A backfill holds still while the query answers more than 0, while the file is there, and outside of the hours.
  Text hold_while, hold_file;
  std::optional<Setting<Hours>> hours;
};

// The least times before contract and before purge.
struct Windows {
  Setting<Duration> grace{std::chrono::hours(48), {}};
  Setting<Duration> trash{std::chrono::hours(48), {}};
};

// When people are told that it happens; segue starts nothing by itself.
struct Schedule {
  std::optional<Setting<std::int64_t>> start;  // milliseconds since 1970
  std::optional<Setting<Duration>> duration;
  std::vector<Setting<Duration>> notices;  // so long before the start
};

struct Contact {
  Text name;
  Text address;  // mail address or URL
  Text role;
};

}  // namespace segue::migration
