// JSON values, in the order in which they were put in: what a person reads should keep its order.
#pragma once

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace segue {

using Json = nlohmann::ordered_json;

// Parse text that came from outside; the error names the line and column.
Result<Json> parse_json(std::string_view text, const std::string& where);

// An error as the JSON that every command prints with --json: {error: {code, message, ...}}.
Json to_json(const Error& error);

}  // namespace segue
