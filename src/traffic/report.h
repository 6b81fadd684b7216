// What a run of traffic gave: figures, as a person and as a program reads them (CONTRACT, section 3).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json_fwd.h"

namespace segue::traffic {

struct Latency {
  double p50 = 0, p95 = 0, p99 = 0, max = 0;  // milliseconds
};

struct StatementFigures {
  std::string name;
  std::int64_t count = 0;  // executions, failed ones too
  std::int64_t failed = 0;
  std::int64_t expected = 0;
  std::int64_t cut_short = 0;
  Latency latency;  // of those that were done, or failed as expected
};

struct Second {
  std::int64_t second = 0;  // from the start
  std::int64_t statements = 0;
  std::int64_t failed = 0;
  double p99 = 0, max = 0;  // milliseconds
};

// Waits for a lock that one kind of session held, or had queued for ahead of us.
struct Stall {
  std::string blocked_by;  // segue | other
  std::int64_t count = 0;
  double longest_ms = 0;  // as it was last seen
  double at_most_ms = 0;  // with the time until the next look
  std::string statement;  // of the longest: ours
  std::string blocker;    // of the longest: application_name
  std::string blocker_query;
};

struct FailureFigures {
  std::int64_t count = 0;
  std::string statement;  // of the first
  std::string message;
};

struct Report {
  std::string traffic;
  std::string protocol;
  int connections = 0;
  std::optional<double> rate;  // asked for
  double seconds = 0;
  std::int64_t statements = 0;  // entries of the file that were executed; a transaction is one
  std::int64_t queries = 0;     // SQL statements in them
  std::int64_t failed = 0;
  std::int64_t expected = 0;
  std::int64_t cut_short = 0;
  std::int64_t interrupted = 0;
  std::int64_t reconnects = 0;
  std::int64_t unserved = 0;  // due, and not begun when the run ended
  Latency latency;
  std::map<std::string, FailureFigures> failures;  // by SQLSTATE
  std::vector<StatementFigures> by_statement;
  std::vector<Stall> stalls;
  bool stalls_watched = true;
  std::vector<Second> series;
  std::string journal;  // path; empty: none
  std::int64_t acknowledged = 0;
  std::int64_t unknown = 0;

  bool good() const { return failed == 0; }
};

// For a live line beside something else.
struct Snapshot {
  double seconds = 0;
  std::int64_t statements = 0;
  std::int64_t failed = 0;
  double rate = 0;              // statements a second, of the last seconds
  double p99 = 0, max = 0;      // milliseconds, of the last seconds
  double longest_stall_ms = 0;  // for a lock of segue's, so far
  int connected = 0;
};

std::string to_text(const Report& report);
Json to_json(const Report& report);

}  // namespace segue::traffic
