// Small things that are done to text everywhere, once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace segue {

std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string lower(std::string_view text);  // ASCII only
// Line ends and runs of blanks become one blank; what is longer is cut at a character and ends in an ellipsis.
std::string one_line(std::string_view text, std::size_t most_bytes = 300);
bool starts_with_word(std::string_view text, std::string_view word);

// How many columns the text takes on a terminal (UTF-8; combining marks count nothing, wide signs two).
std::size_t display_width(std::string_view text);

// At most `width` columns of the text; what was cut is shown by "…".
std::string cut(std::string_view text, std::size_t width);

// "1,234,567"; "1.2 s", "350 ms"; "1.4 GB": numbers as people read them.
std::string with_commas(std::int64_t number);
std::string duration_text(double seconds);
std::string bytes_text(double bytes);

// The candidate that is closest to what was typed, if it is close enough to be meant; empty otherwise.
std::string nearest_word(std::string_view typed, const std::vector<std::string>& candidates);

// Hexadecimal, lower case, 16 digits.
std::string hex(std::uint64_t number);

}  // namespace segue
