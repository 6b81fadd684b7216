// The statements that the server has recorded (pg_stat_statements), as far as this user may read them.
//
// That it cannot be read is no error: it says why. Statements of segue's own sessions, which are marked, are left out.
#pragma once

#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::proof {

struct Recorded {
  std::string query_id;
  std::string role;
  std::string text;  // its values taken out
  std::int64_t calls = 0;
};

struct Workload {
  bool readable = false;     // the statements of all users
  std::string message;       // why not
  std::string reset_at;      // what was called before is not in it
  std::int64_t evicted = 0;  // how often statements were thrown away for want of room
  std::vector<Recorded> statements;
};

// Of this database. Fails only when the connection is lost.
Result<Workload> recorded_statements(pg::Connection& connection);

// Whether the text could name one of these tables (unquoted). To parse thousands of statements takes its time; most of
// them cannot be meant.
bool may_name(const std::string& statement, const std::vector<std::string>& tables);

}  // namespace segue::proof
