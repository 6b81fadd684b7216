// Setting rows aside that the old shape cannot express, before the way back takes their columns, tables or freedoms.
//
// A row is kept whole, as text by column, in segue.kept_row, and leaves its table in the same transaction, in small
// batches; what refers to it by foreign keys goes with it, first. Nothing is lost: the next run brings the rows back.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/work.h"

namespace segue::engine {

struct KeepCount {
  std::string table;
  std::string reason;
  std::int64_t rows = 0;  // or values
  plan::KeepWhat what = plan::KeepWhat::rows;
};

Result<bool> table_is_there(Work& work, const std::string& table);

// How many rows a rule would set aside now (without those that refer to them).
Result<KeepCount> count_rows(Work& work, const plan::KeepRule& rule, bool after_switch);

// Sets them aside until none is left; how many of which table, those that referred to them included.
using KeptByTable = std::map<std::string, std::int64_t>;
Result<KeptByTable> keep_rows(Work& work, const plan::KeepRule& rule, bool after_switch);

}  // namespace segue::engine
