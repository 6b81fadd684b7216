// What a plan asks of the server, read from its statements: rights on which tables, room for what, whose columns
// change.
#pragma once

#include <set>
#include <string>

#include "pg/capability.h"
#include "pg/capability_room.h"
#include "plan/plan.h"

namespace segue::engine {

// What a plan asks of the server.
struct Asked {
  pg::Scope scope;
  pg::Writes writes;
  std::set<std::string> reshaped;  // before contract: sessions of both applications are at work then
};

Asked asked_by(const plan::Plan& plan);

}  // namespace segue::engine
