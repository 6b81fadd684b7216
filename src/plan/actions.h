// The actions that moves are put together from: one safe form a kind of change, with its locks.
#pragma once

#include <string>
#include <vector>

#include "plan/step.h"

namespace segue::plan {

// A step with its names, to be filled in.
Step named_step(std::string move, std::string kind, std::string title);

// Statements in one transaction that takes ACCESS EXCLUSIVE on one table.
Action alter(const std::string& table, std::vector<std::string> clauses);

// Statements in one transaction with these locks taken first.
Action transaction(std::vector<std::string> sql, std::vector<LockOn> locks = {});

// One statement outside of a transaction that makes or drops the index `object`.
Action concurrently(std::string sql, std::string object);
Action drop_index_concurrently(const std::string& quoted_index);

// A constraint that is checked without a strong lock: ADD … NOT VALID, then VALIDATE.
Action add_not_valid(const std::string& table, const std::string& name, const std::string& definition,
                     const std::string& referenced = {});
Action validate(const std::string& table, const std::string& name, const std::string& referenced = {});
Action drop_constraint(const std::string& table, const std::string& name, const std::string& referenced = {});

// Tables that have left, and what is kept of columns and tables that have.
inline constexpr const char* trash_schema = "segue_trash";
inline constexpr const char* archive_schema = "segue_archive";
// Makes one of them where it is not there; nobody else may look into it.
std::vector<std::string> own_schema(const std::string& name);

// Rows in batches.
Action fill(BackfillJob job);

// Rows of these tables that an earlier rollback kept aside come back.
Step restore_step(const std::string& move, std::vector<std::string> tables, const std::string& reason);

}  // namespace segue::plan
