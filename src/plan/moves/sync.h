// A trigger of segue's that keeps columns of one row right, and what it is called.
#pragma once

#include <string>
#include <vector>

#include "plan/table.h"

namespace segue::plan {

struct SyncTrigger {
  std::string name;                 // as people are told
  std::vector<std::string> create;  // function and trigger
  std::vector<std::string> drop;
  std::string replace;  // the function alone, made anew over an old one
};

// BEFORE INSERT OR UPDATE, for each row; `body` stands between BEGIN and END, after `declare`. A trigger whose name
// begins with `!` runs before the user's own, one that begins with `~` after them. `column` tells several on one table
// apart.
// `update_when` says for which updates it has something to do, by OLD and NEW; empty: for each.
SyncTrigger sync_trigger(const Table& table, const std::string& name, const std::string& column,
                         const std::string& declare, const std::string& body, const std::string& update_when = {});

// A name that no two meanings share, cut to what fits; quoted and beside the table.
std::string own_mark(const std::string& name, const std::string& meant);
std::string own_name(const Table& table, const std::string& name, const std::string& meant);

// The text between $segue$, or between quotes that it does not hold.
std::string quoted_body(const std::string& body);

// The trigger of wall_trigger, unquoted.
inline constexpr const char* wall_name = "!segue_wall";

// Refuses whoever writes the table but a session that says segue.carries = yes, which the engine's workers do.
SyncTrigger wall_trigger(const Table& table);

// A sequence beside the table that a trigger counts in: no transaction waits for another there, none is undone.
std::string counter_of(const Table& table, const std::string& column);

}  // namespace segue::plan
