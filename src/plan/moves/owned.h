// Functions of segue's that run with the rights of a table's owner, and that nobody else may call.
#pragma once

#include <string>
#include <vector>

#include "plan/table.h"

namespace segue::plan {

struct MadeFunction {
  std::string name, arguments;  // "public"."f", "integer"
};

// CREATE FUNCTION in PL/pgSQL that runs with its owner's rights; `settings` are further SET clauses. Without `returns`
// its OUT arguments say what it gives.
std::string definer(const std::string& name, const std::string& arguments, const std::string& returns,
                    const std::string& body, const std::string& settings = {});

// The other way round, the last one first.
std::vector<std::string> drop_texts(const std::vector<MadeFunction>& functions);

// One statement, for the transaction that has made them: whatever rights new functions are given by default, they keep
// none but the owner's. He may write segue.resync.
std::string give_to_owner(const Table& table, const std::vector<MadeFunction>& functions);

// One statement: nobody but its owner has rights on the table, whatever is given by default.
std::string nobody_elses(const std::string& table);

// Parts of a PL/pgSQL function that goes through segue.resync. The notes of one sync that it is time to look at, at
// most segue_most; and what becomes of segue_note when its rows were looked at: while `wrong` (SQL) holds, or somebody
// is left who could still have read what was before, it goes behind the others.
std::string notes_to_look_at(const std::string& sync);
std::string note_looked_at(const std::string& wrong);
std::string notes_left(const std::string& sync);

// One statement that calls such a function until nothing is noted any more; what is left is waited for like a lock.
std::string settled_or_wait(const std::string& settle, const std::string& what);

}  // namespace segue::plan
