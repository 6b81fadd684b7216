// A migration's way back: the undo actions in reverse, as journaled and interruptible as the way up.
//
// Before anything is undone, rows that the shape below cannot express are counted, and set aside when the caller says
// yes. It works from any boundary until contract has begun; what contract removed comes back by `restore`.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "engine/keep.h"
#include "engine/work.h"
#include "migration/phase.h"

namespace segue::engine {

struct DownRequest {
  Options options;
  std::string migration;
  // The boundary after this phase; prepare: the beginning. Not given: where a rollback that is under way was going to,
  // else the beginning.
  std::optional<migration::Phase> to;
  bool restore = false;  // undo the contract, and nothing else
  // Told what will be set aside; false: do nothing.
  std::function<bool(const std::vector<KeepCount>&)> agree;
};

struct DownOutcome {
  std::string state;
  std::int64_t kept = 0;       // rows set aside
  bool whole_way = false;      // to the beginning
  bool catalog_equal = false;  // the catalog is what it was before the first step (where whole_way)
};

Result<DownOutcome> go_down(const DownRequest& request);

}  // namespace segue::engine
