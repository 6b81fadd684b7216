// Runs of migrations in the ledger: one row each, from the first step to the purge or the end of the rollback.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::ledger {

struct Run {
  std::int64_t id = 0;
  std::string migration;
  std::string about;
  std::string plan_hash;
  std::string plan;     // as plan::to_stored gave it
  std::string sources;  // fingerprint of the files
  std::string state;
  std::string phase;      // under way
  std::string completed;  // the last one whose checks have passed
  std::string direction;
  std::string going_to;  // of a rollback that is under way
  std::string waiting_for;
  std::string started_by;
  std::string host;
  std::string started_at;
  std::string switched_at;  // empty: not yet
  std::string finished_at;
  std::int64_t rows = 0;
  bool rehearsed = false;
  std::string catalog_before;

  // It holds the database until it is rolled back or purged.
  bool open() const { return state != "rolled_back" && state != "purged"; }
};

struct NewRun {
  std::string migration, about, plan_hash, plan, sources, host, version, catalog_before;
  bool rehearsed = false;
};

Result<std::int64_t> add_run(pg::Connection& connection, const NewRun& run);

// The newest run of this migration, open or not; of any migration where the name is empty (open ones first).
Result<std::optional<Run>> newest_run(pg::Connection& connection, const std::string& migration);
// The same where it has to be open: an error that says so, with `hint`, where it is not.
Result<Run> open_run(pg::Connection& connection, const std::string& migration,
                     const std::string& hint = "segue history lists what was run");
Result<std::vector<Run>> all_runs(pg::Connection& connection);  // newest first

// The phase whose end `run` was asked to go to, last; empty: none yet.
Status set_up_to(pg::Connection& connection, std::int64_t run, const std::string& phase);
Result<std::string> up_to(pg::Connection& connection, std::int64_t run);

Status set_state(pg::Connection& connection, std::int64_t run, const std::string& state,
                 const std::string& waiting_for = {});
Status set_phase(pg::Connection& connection, std::int64_t run, const std::string& phase);
// The phase's checks have passed; the end of the switch is noted.
Status set_completed(pg::Connection& connection, std::int64_t run, const std::string& phase);
Status set_direction(pg::Connection& connection, std::int64_t run, const std::string& direction,
                     const std::string& going_to = {});
// What it has done so far, in figures: rows, steps, rows set aside, rows that could not be carried.
Status count_up(pg::Connection& connection, std::int64_t run);
Status finish(pg::Connection& connection, std::int64_t run, const std::string& state);

}  // namespace segue::ledger
