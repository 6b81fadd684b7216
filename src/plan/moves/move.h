// What each move compiles to, one file a move: it adds its steps for every phase, with their undo, to the draft.
//
// A move that cannot be done on this database adds a hazard, which stops the plan; an Error is for a server that does
// not answer.
#pragma once

#include "plan/draft.h"

namespace segue::plan {

Status compile_sql(Draft& draft, const migration::SqlMove& move);
Status compile_tenancy(Draft& draft, const migration::TenancyMove& move, const migration::Position& at);
Status compile_convert(Draft& draft, const migration::ConvertMove& move, const migration::Position& at);
Status compile_rename(Draft& draft, const migration::RenameMove& move, const migration::Position& at);
Status compile_junction(Draft& draft, const migration::JunctionMove& move, const migration::Position& at);
Status compile_policies(Draft& draft, const migration::PoliciesMove& move, const migration::Position& at);
Status compile_retire(Draft& draft, const migration::RetireMove& move, const migration::Position& at);
Status compile_backfill(Draft& draft, const migration::BackfillMove& move, const migration::Position& at);

}  // namespace segue::plan
