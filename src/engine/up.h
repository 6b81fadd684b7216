// A migration's way up: phase by phase, from where the ledger says it stands to the phase that is asked for.
//
// It can be ended at any moment, in whatever way, and goes on with the same call. It stops at gates (exit 3), when it
// is asked to (4), and where a step or a check fails (5); both applications go on working in each case.
#pragma once

#include "engine/take_backup.h"
#include "engine/work.h"
#include "migration/migration.h"

namespace segue::engine {

struct UpRequest {
  Options options;
  const migration::Migration* file = nullptr;
  migration::Phase to = migration::Phase::grace;
  bool without_rehearsal = false;
  BackupWanted backup = BackupWanted::full;
  bool give_up_rollback = false;  // one that is under way: turn round where it stands
  std::string host;
};

struct UpOutcome {
  migration::Phase reached = migration::Phase::prepare;
  std::string state;
  std::int64_t rows = 0;     // carried by backfills
  bool did_anything = true;  // false: it stood there already
};

Result<UpOutcome> go_up(const UpRequest& request);

}  // namespace segue::engine
