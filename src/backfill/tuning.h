// What may be changed while a backfill runs; 0 is: as the engine sees fit.
#pragma once

#include <cstdint>

namespace segue::backfill {

struct Tuning {
  std::int64_t batch = 0;        // rows, at most
  int workers = 0;               // sessions that carry rows
  std::int64_t wal_rate = 0;     // bytes a second, at most
  double replication_lag_s = 0;  // at most
  bool throttle = true;
};

}  // namespace segue::backfill
