#include "migration/phase.h"

#include <algorithm>

namespace segue::migration {

const std::vector<std::string>& phase_names() {
  static const std::vector<std::string> names = {"prepare", "expand", "backfill", "validate",
                                                 "enforce", "switch", "grace",    "contract"};
  return names;
}

std::string_view to_text(Phase phase) {
  return phase_names()[static_cast<std::size_t>(phase)];
}

std::optional<Phase> phase_named(std::string_view name) {
  const auto& names = phase_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Phase>(found - names.begin());
}

}  // namespace segue::migration
