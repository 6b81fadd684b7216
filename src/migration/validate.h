// Compares a tree with the tables of form.h and notes everything that does not fit.
#pragma once

#include "migration/form.h"
#include "migration/node.h"
#include "migration/reading.h"

namespace segue::migration {

// `label` is what messages call the value: "`moves`", "an entry of `tables`".
void validate(const Node& node, const Type& type, const std::string& label, const Source& source, Reading& reading);

}  // namespace segue::migration
