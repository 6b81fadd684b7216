// A session in which the server prints the same things the same way, whoever asks: for the length of one pipeline.
//
// Dates, floats, names and expressions are printed by settings of the session. Between enter() and leave() they are
// fixed and search_path is empty; afterwards they are what they were. Inside a transaction of the caller this is a
// savepoint rolled back; else it is a REPEATABLE READ READ ONLY transaction, so that all queries see one moment.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pg/connection.h"

namespace segue::catalog {

// The settings, as for ConnectOptions::settings.
const std::vector<std::pair<std::string, std::string>>& steady_settings();

class SteadySession {
 public:
  explicit SteadySession(pg::Connection& connection);
  // Adds its statements to the pipeline; gives the number of answers that come before the caller's.
  std::size_t enter(pg::Pipeline& pipeline);
  void leave(pg::Pipeline& pipeline);
  // After a pipeline that failed: back to the state before.
  void recover();

 private:
  pg::Connection& connection_;
  bool inside_;  // a transaction of the caller
};

// One query in such a session.
Result<pg::Rows> steady_query(pg::Connection& connection, const std::string& sql, const pg::Params& params);

}  // namespace segue::catalog
