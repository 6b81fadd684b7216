// A table gets another name: the new one is a view until the contract, which swaps view and table in one transaction,
// together with the names that hang on the table (sequences, constraints, indexes).
#pragma once

#include "plan/draft.h"

namespace segue::plan {

Status rename_table(Draft& draft, const migration::RenameMove& move, const Table& table, const migration::Position& at);

}  // namespace segue::plan
