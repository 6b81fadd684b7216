// Limits of the file, and what somebody has set since (segue set), as the backfill understands them.
#pragma once

#include <map>
#include <string>

#include "backfill/tuning.h"
#include "plan/plan.h"

namespace segue::engine {

// A name and a value as they are written: batch=5000, workers=4, wal_rate=20MB, replication_lag=5s, throttle=off; auto
// gives the file's word back. Error "bad-setting" (exit 2) says what there is.
Status check_setting(const std::string& name, const std::string& value);

// What cannot be read is left out: check_setting() was asked before it was written.
backfill::Tuning tuning_from(const plan::Plan& plan, const std::map<std::string, std::string>& set);

}  // namespace segue::engine
