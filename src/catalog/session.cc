#include "catalog/session.h"

namespace segue::catalog {

const std::vector<std::pair<std::string, std::string>>& steady_settings() {
  static const std::vector<std::pair<std::string, std::string>> settings = {
      {"search_path", ""},
      {"quote_all_identifiers", "off"},
      {"DateStyle", "ISO, YMD"},
      {"IntervalStyle", "postgres"},
      {"TimeZone", "UTC"},
      {"extra_float_digits", "1"},
      {"bytea_output", "hex"},
      {"lc_monetary", "C"},
      {"xmlbinary", "base64"},
      {"row_security", "off"},
      {"jit", "off"},
      {"statement_timeout", "0"},  // whole tables are read
  };
  return settings;
}

SteadySession::SteadySession(pg::Connection& connection)
    : connection_(connection), inside_(connection.in_transaction()) {}

std::size_t SteadySession::enter(pg::Pipeline& pipeline) {
  pipeline.add(inside_ ? "SAVEPOINT segue_steady" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  for (const auto& [name, value] : steady_settings()) pipeline.add("SELECT set_config($1, $2, true)", {name, value});
  return 1 + steady_settings().size();
}

void SteadySession::leave(pg::Pipeline& pipeline) {
  if (inside_) {
    pipeline.add("ROLLBACK TO SAVEPOINT segue_steady");
    pipeline.add("RELEASE SAVEPOINT segue_steady");
  } else {
    pipeline.add("COMMIT");
  }
}

void SteadySession::recover() {
  if (connection_.lost()) return;
  if (!inside_) return connection_.rollback();
  // A savepoint that cannot be restored leaves the caller's transaction failed, which his next statement will tell.
  (void)connection_.script("ROLLBACK TO SAVEPOINT segue_steady; RELEASE SAVEPOINT segue_steady");
}

Result<pg::Rows> steady_query(pg::Connection& connection, const std::string& sql, const pg::Params& params) {
  SteadySession session(connection);
  pg::Pipeline pipeline(connection);
  const std::size_t at = session.enter(pipeline);
  pipeline.add(sql, params);
  session.leave(pipeline);
  auto answers = pipeline.run();
  if (!answers) {
    session.recover();
    return tl::unexpected(std::move(answers).error());
  }
  return (*answers)[at];
}

}  // namespace segue::catalog
