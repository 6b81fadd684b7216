// The word that was meant, for hints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace segue::migration {

// The candidate that was most likely meant, also where letters changed places (tabel, table); empty if none is near.
// Very long words resemble nothing.
std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace segue::migration
