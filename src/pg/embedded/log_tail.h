// The end of a server's log.
#pragma once

#include <cstdint>
#include <string>

namespace segue::pg::embedded {

std::int64_t size_of_file(const std::string& path);

// The last lines that were written after `from`.
std::string last_lines(const std::string& path, std::int64_t from, std::size_t lines);

}  // namespace segue::pg::embedded
