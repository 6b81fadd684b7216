// Later changes of the ledger's own tables, one a constant; schema.cc applies them in their order.
#pragma once

namespace segue::ledger {

// Values of a column are kept as rows are; every column has a comment.
extern const char* const kept_values;
// Hooks know their place and state; looks at the usage of the old shape; backups; preflight.
extern const char* const outside_effects;
// Ranges are compared after they were carried; what somebody sets while it runs.
extern const char* const compared_ranges;
// Changes of tables that others take values from, until all their rows have followed.
extern const char* const changes_to_follow;
// Ranges know which partition they are of.
extern const char* const ranges_of_partitions;

}  // namespace segue::ledger
