// A rollback that is given up in the middle: the run goes up again from where it has come down to.
//
// It can be done between any two steps; a step that is half undone is undone first. Rows that were set aside come back
// as far as the shape can hold them now, the others at the end of the switch as ever.
#pragma once

#include "engine/work.h"

namespace segue::engine {

Status turn_round(Work& work);

}  // namespace segue::engine
