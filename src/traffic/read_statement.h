// Reads one entry of `statements`. Only the readers of this folder include it.
#pragma once

#include "traffic/file.h"
#include "traffic/node.h"
#include "traffic/read_generator.h"

namespace segue::traffic {

// `role`, `claims`, `settings` as far as they stand in these members; the rest stays as it is in `identity`.
Status read_identity(const Node::Members& members, Scope& scope, Identity& identity);

// `defaults` is what the file says for all statements.
Result<Statement> read_statement(const Node& node, File& file, const Statement& defaults);

}  // namespace segue::traffic
