// Columns of the old and the new shape that hold the same thing, whichever application writes (protocols 1 to 4).
//
// K says whether a row is right: the new side is what follows from the old one, or the old side is what follows from
// the new one. Either is enough, because a mapping may lose something in one direction: what was written stays as
// written. Two triggers keep K true for every row that anyone writes. One runs before the user's own triggers and
// brings what the new application wrote to the old side; the other runs after them and brings the old side to the new
// one where K does not hold. Neither ever raises.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "migration/move.h"
#include "plan/moves/sync.h"

namespace segue::plan {

struct Pair {
  // Where both sides were written in one statement and contradict each other. Before the switch the old application is
  // believed, after it the new one, unless the file says one of them.
  struct Triggers {
    SyncTrigger in, out;
  };
  Triggers before_switch, after_switch;
  bool changes_sides = false;  // the two differ

  std::string right;                  // K, as a condition on the table's columns
  std::string pending;                // NOT K, of the rows that the move is about
  std::vector<std::string> defaults;  // ALTER COLUMN clauses: what the old side has by itself, on the new one
};

// `new_defaults`: of each set column the constant that follows from the old side's defaults, if there is one.
Pair make_pair(const Table& table, const migration::BackfillMove& move,
               const std::vector<std::optional<std::string>>& new_defaults);

}  // namespace segue::plan
