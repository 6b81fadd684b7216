// Rows as segue.kept_row holds them: text by column, as the type's output function gives it, by the names of the new
// shape.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace segue::engine {

// The text of a column of `t`, NULL where it is NULL.
std::string text_of_column(const std::string& column);

// An SQL expression that makes the object from these columns (unquoted) of `t`.
std::string kept_object(const plan::Plan& plan, const std::string& table, const std::vector<std::string>& columns,
                        bool after_switch);

}  // namespace segue::engine
