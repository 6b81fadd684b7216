// Gates: whether one is open, and what it still waits for.
#pragma once

#include <string>
#include <vector>

#include "engine/work.h"

namespace segue::engine {

struct GateState {
  bool open = true;
  std::string waits_for;  // "a signature as QA Lead"
  std::string role;       // that is asked for first; empty: none
};

Result<GateState> look_at_gate(Work& work, const plan::PlannedGate& gate);

// All gates before this phase (or, on the way back, before it is undone); the error "waiting" (exit 3)
// names the first that is closed and the command that opens it.
Status pass_gates(Work& work, migration::Phase before, bool down);

}  // namespace segue::engine
