// The phases of a migration, in their order; a boundary lies between any two.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace segue::migration {

// `switch` is a word of C++, hence switch_over; the file, the ledger and people say "switch".
enum class Phase { prepare, expand, backfill, validate, enforce, switch_over, grace, contract };

inline constexpr std::array<Phase, 8> all_phases = {Phase::prepare,  Phase::expand,  Phase::backfill,
                                                    Phase::validate, Phase::enforce, Phase::switch_over,
                                                    Phase::grace,    Phase::contract};

std::string_view to_text(Phase phase);
inline std::string text(Phase phase) {
  return std::string(to_text(phase));
}
std::optional<Phase> phase_named(std::string_view name);
const std::vector<std::string>& phase_names();

}  // namespace segue::migration
