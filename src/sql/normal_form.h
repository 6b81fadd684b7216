// The rules by which expression.h makes two spellings equal, on the tree that the parser gives as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace segue::sql {

// In place: positions in the text go; casts are moved and dropped where PostgreSQL itself does so when it reads what it
// has printed.
void to_normal_form(nlohmann::json& tree);

// The text with every run of blanks as one, except within quotes; for what the parser does not take.
std::string even_blanks(std::string_view text);

}  // namespace segue::sql
