#include "pg/own_session.h"

namespace segue::pg {

Result<Connection> open_own_session(const std::string& url, const std::string& application_name) {
  auto session =
      TRY(Connection::open({.url = url,
                            .application_name = application_name,
                            .settings = {{"lock_timeout", "0"},
                                         {"statement_timeout", "0"},
                                         {"idle_in_transaction_session_timeout", "0"},
                                         {"idle_session_timeout", "0"},
                                         {"default_transaction_isolation", "read committed"},
                                         {"default_transaction_read_only", "off"},
                                         {"row_security", "off"},
                                         {"extra_float_digits", "1"},
                                         {"datestyle", "ISO, YMD"},
                                         {"intervalstyle", "postgres"},
                                         {"bytea_output", "hex"},
                                         // A killed runner's session ends soon, also in the middle of a statement.
                                         {"client_connection_check_interval", "1s"},
                                         {"tcp_user_timeout", "20s"},
                                         {"tcp_keepalives_idle", "5"},
                                         {"tcp_keepalives_interval", "5"},
                                         {"tcp_keepalives_count", "4"}},
                            .remark = "segue"}));
  if (session.server_version() >= 170000) TRY(session.execute("SET transaction_timeout = 0"));
  return session;
}

}  // namespace segue::pg
