// 128-bit fingerprints of text. Not for secrets: for telling whether two things are the same.
#pragma once

#include <string>
#include <string_view>

namespace segue {

// 32 hexadecimal digits (XXH3).
std::string fingerprint_of(std::string_view text);

}  // namespace segue
