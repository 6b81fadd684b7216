// Text from outside (an answer, a command's output) as a ledger and a terminal can take it: valid UTF-8 without NUL.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace segue::hooks {

// Every byte that does not belong to a valid character, and NUL, is U+FFFD instead.
std::string clean_utf8(std::string_view bytes);

// The first or last `limit` bytes at most of what clean_utf8 makes, no character cut. Of longer text the caller need
// keep only outside_limit(limit) bytes at the end in question.
std::string clean_head(std::string_view bytes, std::size_t limit);
std::string clean_tail(std::string_view bytes, std::size_t limit);

// A character that is cut at the edge is at most three bytes too short.
constexpr std::size_t outside_limit(std::size_t limit) {
  return limit + 4;
}

}  // namespace segue::hooks
