// Text that is broken to fit a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace segue {

// Lines of at most `width` columns, broken at blanks; a word that is wider is broken inside. All but the first begin
// with `indent` blanks. The text holds no line ends and no escapes.
std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace segue
