// A column that the user's own SQL adds to a table that was there before: what becomes of its values on the way back.
#pragma once

#include <optional>

#include "migration/migration.h"
#include "plan/step.h"
#include "plan/table.h"
#include "sql/facts.h"

namespace segue::plan {

// The rule that keeps its values aside; nothing where the action adds no column, or one whose values follow from the
// others (generated, or derived by a backfill of this migration that is kept in sync).
std::optional<KeepRule> rule_of_new_column(const sql::Action& action, const Table& table,
                                           const migration::Migration& file);

}  // namespace segue::plan
