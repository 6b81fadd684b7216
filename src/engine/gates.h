// Gates: whether one is open, and what it still waits for.
#pragma once

#include <string>
#include <vector>

#include "engine/work.h"
#include "ledger/event.h"

namespace segue::engine {

struct GateState {
  bool open = true;
  std::string waits_for;  // "a signature as QA Lead"
  std::string role;       // that is asked for first; empty: none
};

Result<GateState> look_at_gate(Work& work, const plan::PlannedGate& gate);

// Who has signed, and who is asked for next.
GateState signatures(const plan::PlannedGate& gate, const std::vector<ledger::Approval>& approvals);

// What to type to open it: a signature of this role, or, where none is asked for, by hand with a reason.
std::string opening_command(const std::string& migration, const plan::PlannedGate& gate, const std::string& role);

// All gates before this phase (or, on the way back, before it is undone); the error "waiting" (exit 3)
// names the first that is closed and the command that opens it.
Status pass_gates(Work& work, migration::Phase before, bool down);

}  // namespace segue::engine
