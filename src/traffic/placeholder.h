// The $1, $2, … of a statement: counted, and replaced by literals for the simple protocol. What stands in quotes,
// comments or dollar quotes is left alone.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace segue::traffic {

using Value = std::optional<std::string>;  // the text of a value; none is NULL

struct Placeholder {
  std::size_t at;      // byte offset of the $
  std::size_t length;  // with the $
  std::size_t number;  // from 1
};

std::vector<Placeholder> placeholders_of(std::string_view sql);
std::size_t highest_placeholder(std::string_view sql);

// Every placeholder has its value in `values`.
std::string with_values(std::string_view sql, const std::vector<Value>& values);

}  // namespace segue::traffic
