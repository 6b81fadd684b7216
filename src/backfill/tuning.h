// What may be changed while a backfill runs; 0 is: as the engine sees fit.
#pragma once

#include <cstdint>
#include <string>

namespace segue::backfill {

struct Tuning {
  std::int64_t batch = 0;        // rows, at most
  int workers = 0;               // sessions that carry rows
  std::int64_t wal_rate = 0;     // bytes a second, at most
  double replication_lag_s = 0;  // at most
  bool throttle = true;
  std::string hold_while = {};        // a query: it holds still while that answers more than 0
  std::string hold_file = {};         // and while this file is there
  int hours_from = -1, hours_to = 0;  // and outside of these minutes of the day; -1: at any time
};

}  // namespace segue::backfill
