// Where a migration stands, from any machine, whether somebody runs it or not. Reads only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_fwd.h"
#include "engine/event.h"
#include "ledger/run.h"
#include "pg/connection.h"

namespace segue::engine {

struct Standing {
  std::string migration;
  std::string about;
  std::string state = "planned";
  std::string phase;  // under way, or finished last
  std::string completed;
  std::string direction = "up";
  std::string step;  // under way or next; empty: none is left
  std::string step_title;
  int steps_done = 0;
  int steps_total = 0;
  std::int64_t rows_done = 0;
  std::int64_t rows_total = 0;  // estimated
  std::string waiting_for;      // a gate, and what it waits for
  std::vector<std::string> blockers;
  std::string next_command;
  bool running = false;           // somebody runs it now
  std::string runner;             // who, if so
  std::optional<Event> progress;  // of the backfill that is under way
  std::string error;              // of the step or check that failed last
  std::int64_t kept_rows = 0;
  std::int64_t failed_rows = 0;  // that backfills could not carry
  std::string since;             // when the run began
  std::string plan_hash;
};

// Of the newest run of this migration; of the open one where the name is empty. Nothing where there is none.
Result<std::optional<Standing>> standing(pg::Connection& connection, const std::string& migration);

Json to_json(const Standing& standing);

}  // namespace segue::engine
