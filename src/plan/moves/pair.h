// Columns of the old and the new shape that hold the same thing, whichever application writes (protocols 1 to 4).
//
// K says whether a row is right: the new side is what follows from the old one, or the old side is what follows from
// the new one. Either is enough, because a mapping may lose something in one direction: what was written stays as
// written. A new side that is NULL all over is not filled yet. Two triggers keep K true for every row that anyone
// writes. One runs before the user's own triggers and brings what the new application wrote to the old side; the other
// runs after them and fills what is not filled, follows the old side where that was written, and else lets the new side
// stand. Neither ever raises.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "migration/move.h"
#include "plan/moves/sync.h"
#include "plan/step.h"

namespace segue::plan {

struct Pair {
  // Where both sides were written in one statement and contradict each other. Before the switch the old application is
  // believed, after it the new one, unless the file says one of them.
  struct Triggers {
    SyncTrigger in, out;
  };
  Triggers before_switch, after_switch;
  bool changes_sides = false;  // the two differ

  BackfillJob fill;                      // the new side of rows that are not filled
  std::string wrong;                     // rows for which K does not hold
  std::vector<std::string> no_defaults;  // the inverse of:
  std::vector<std::string> defaults;     // ALTER COLUMN clauses: what the old side has by itself, on the new one
  BackfillJob heal;                      // the old side from the new one, where rows were written without the triggers
  KeepRule keep;                         // what only the new side can say
  std::string counter;                   // a sequence, quoted: how often the old side alone was written
};

// What is known of a set column: its type, where that can be told, and the constant that it has by itself because the
// old side has a default.
struct NewSide {
  std::string type;
  std::optional<std::string> usual;
};

// `number` tells in which order several triggers of a table run: outwards as the moves are written, inwards the other
// way round.
Pair make_pair(const Table& table, const migration::BackfillMove& move, const std::vector<NewSide>& new_side,
               int number);

}  // namespace segue::plan
