// Setting aside what stands in columns that go, where their rows stay.
//
// One kept row for each table row: only those of its columns that hold more than what they have by themselves, and by
// which key the row is found again. Done again after an interruption it replaces what it had kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/work.h"

namespace segue::engine {

// The rows that a rule about values is about, as a condition on `t`; nothing where its column is gone.
Result<std::optional<std::string>> condition_of_values(Work& work, const plan::KeepRule& rule, bool after_switch);

// All rules are about the same table; how many of its rows had such values.
Result<std::int64_t> keep_values(Work& work, const std::vector<const plan::KeepRule*>& rules, bool after_switch);

}  // namespace segue::engine
