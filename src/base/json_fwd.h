// The name of the JSON type without its weight, for headers.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace segue {
using Json = nlohmann::ordered_json;
}
