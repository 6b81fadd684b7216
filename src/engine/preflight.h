// What is looked at before the first step: rights, settings, room, other sessions, replication, statements that a new
// column breaks. With the plan at hand it is about the plan's tables; `doctor` asks the same of all of them.
//
// Only what would surely break a promise stops a run; all else is a warning, and what this user may not read is named
// and hinders nothing. It reads the catalog and the server's views, takes no lock stronger than ACCESS SHARE and
// changes nothing but segue.preflight_result.
#pragma once

#include <string>
#include <vector>

#include "engine/work.h"
#include "pg/capability.h"

namespace segue::engine {

using pg::Finding;  // name, weight (fine, unread, warning, stops), message, fix, count

// The name of the finding about recorded statements and function bodies that end in a star; its `count` says how many
// there are, for the gate "pools recycled".
inline constexpr const char* stars_finding = "statements with a star";

// Whether the ledger in this database was made in it, or came with a copy.
Result<Finding> whose_ledger(pg::Connection& connection);

// What must be known before anything at all is written, the ledger included: that a commit comes back, and that the
// ledger is this database's. The error is "preflight".
Status fit_to_begin(pg::Connection& connection);

// Asks about the plan of this run.
Result<std::vector<Finding>> preflight(Work& work);

// Asks, keeps every answer in segue.preflight_result, tells the warnings (Event::Kind::note, ok = false). The first
// that stops is the error "preflight": nothing was changed yet.
Status pass_preflight(Work& work);

}  // namespace segue::engine
