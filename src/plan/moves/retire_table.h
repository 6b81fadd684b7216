// A whole table leaves: its foreign keys go, so that what it refers to is free, then it moves to schema segue_trash.
#pragma once

#include <string>

#include "plan/draft.h"

namespace segue::plan {

// Hazards say what else needs the table.
Status retire_table(Draft& draft, const migration::RetireMove& move, const Table& table, const migration::Position& at);

// What is kept of a table, or of its columns, is called so in schema segue_archive.
// Of several moves on one table, which one.
std::string archive_name(const Draft& draft, const Table& table, const migration::RetireMove& move);
Result<bool> archive_name_is_free(Draft& draft, const Table& table, const migration::RetireMove& move,
                                  const migration::Position& at);

}  // namespace segue::plan
