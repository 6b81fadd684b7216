// The rows that backfills of a run could not carry: listed, tried again, or left as they are on somebody's word.
#pragma once

#include <string>
#include <vector>

#include "engine/work.h"

namespace segue::engine {

struct FailedRow {
  std::string table, key, sqlstate, message, state;
};

Result<std::vector<FailedRow>> failed_rows(pg::Connection& connection, std::int64_t run);

struct Retried {
  std::int64_t carried = 0;
  std::vector<FailedRow> left;
};

// As the runner: nobody carries rows beside it.
Result<Retried> retry_failed(const Options& options, const std::string& migration);

// How many; the person and the reason are kept.
Result<std::int64_t> accept_failed(pg::Connection& connection, const ledger::Run& run, const std::string& table,
                                   const std::string& person, const std::string& note);

}  // namespace segue::engine
