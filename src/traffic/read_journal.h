// Reads the `journal:` of a statement. Only the readers of this folder include it.
#pragma once

#include "traffic/file.h"
#include "traffic/node.h"

namespace segue::traffic {

// `params`: how many parameters the statement has.
Result<JournalRule> read_journal(const Node& node, std::size_t params);

}  // namespace segue::traffic
