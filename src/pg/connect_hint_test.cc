#include "pg/connect_hint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pg/connection.h"

namespace segue::pg {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* name;
  const char* message;
  const char* code;
  const char* hint;  // a part of it
};

class ConnectHint : public ::testing::TestWithParam<Case> {};

TEST_P(ConnectHint, FitsWhatWasSaid) {
  const auto advice = connect_advice(GetParam().message);
  EXPECT_EQ(advice.code, GetParam().code);
  EXPECT_THAT(advice.hint, HasSubstr(GetParam().hint));
  const bool setting = advice.code == "bad-connection-setting";
  EXPECT_EQ(advice.exit, setting ? Exit::usage : Exit::failed);
}

constexpr const char* setting = "bad-connection-setting";
constexpr const char* refused = "refused-by-server";
constexpr const char* absent = "no-server";

INSTANTIATE_TEST_SUITE_P(
    Messages, ConnectHint,
    ::testing::Values(
        Case{"Port", R"(invalid port number: "99999")", setting, "1 to 65535"},
        Case{"PortWord", R"(invalid integer value "abc" for connection option "port")", setting, "1 to 65535"},
        Case{"Timeout", R"(invalid integer value "x" for connection option "keepalives")", setting, "whole number"},
        Case{"Service", R"(definition of service "nosuch" not found)", setting, "PGSERVICE"},
        Case{"ServiceFile", R"(service file "/x" not found)", setting, "PGSERVICEFILE"},
        Case{"SslMode", R"(invalid sslmode value: "nonsense")", setting, "verify-full"},
        Case{"Kind", R"(invalid target_session_attrs value: "nonsense")", setting, "mend it in the URL"},
        Case{"Options", R"(FATAL:  unrecognized configuration parameter "nonsense")", setting, "PGOPTIONS"},
        Case{"OptionWord", "FATAL:  --bad requires a value", setting, "PGOPTIONS"},
        Case{"Encoding", R"(FATAL:  invalid value for parameter "client_encoding": "zz")", setting, "PGCLIENTENCODING"},
        Case{"Password", R"(FATAL:  password authentication failed for user "me")", refused, "PGPASSWORD"},
        Case{"Peer", R"(FATAL:  Peer authentication failed for user "me")", refused, "operating system"},
        Case{"NoLogin", R"(FATAL:  role "app" is not permitted to log in)", refused, "ALTER ROLE … LOGIN"},
        Case{"NoRole", R"(FATAL:  role "app" does not exist)", refused, "name of the user"},
        Case{"NoDatabase", R"(FATAL:  database "shop" does not exist)", refused, "name of the database"},
        Case{"RoleFull", R"(FATAL:  too many connections for role "app")", refused, "ALTER ROLE … CONNECTION LIMIT"},
        Case{"Full", "FATAL:  sorry, too many clients already", absent, "max_connections"},
        Case{"Reserved", "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
             absent, "max_connections"},
        Case{"ClosedDatabase", R"(FATAL:  database "d" is not currently accepting connections)", refused,
             "ALLOW_CONNECTIONS"},
        Case{"NoConnect", R"(FATAL:  permission denied for database "d")", refused, "GRANT CONNECT"},
        Case{"Starting", "FATAL:  the database system is starting up", absent, "in a moment"},
        Case{"Standby", "server is in hot standby mode", absent, "PGTARGETSESSIONATTRS"},
        Case{"Web", "received invalid response to SSL negotiation: H", absent, "no PostgreSQL server"},
        Case{"WebWithoutTls", "expected authentication request from server, but received H", absent,
             "no PostgreSQL server"},
        Case{"Tls", "server does not support SSL, but SSL was required", absent, "sslmode"},
        Case{"Silence", "timeout expired", absent, "PGCONNECT_TIMEOUT"},
        Case{"Nobody", "Connection refused. Is the server running on that host?", absent, "segue sandbox"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(ConnectHintPrefix, NamesOfHostsAreNotTakenForReasons) {
  const auto advice =
      connect_advice(R"(connection to server at "SSL-too many.pg_hba.conf", port 1 failed: Connection refused)");
  EXPECT_EQ(advice.code, absent);
  EXPECT_THAT(advice.hint, HasSubstr("check that the server runs"));
}

TEST(ConnectHintLine, LinesThatGoOnAreJoinedAndTriesNamedOnce) {
  EXPECT_EQ(one_line("server closed the connection unexpectedly\n\tThis probably means the server terminated "
                     "abnormally\n\tbefore or while processing the request.\n"),
            "server closed the connection unexpectedly. This probably means the server terminated abnormally before or "
            "while processing the request.");
  EXPECT_EQ(one_line("connection to server at \"h\" failed: no\nconnection to server at \"h\" failed: no\n"),
            "connection to server at \"h\" failed: no");
  EXPECT_EQ(one_line("connection to server at \"::1\" failed: a\nconnection to server at \"127.0.0.1\" failed: b"),
            "connection to server at \"::1\" failed: a; connection to server at \"127.0.0.1\" failed: b");
}

TEST(ConnectHintOpen, ABadPortIsTheUsersAndShowsNoPassword) {
  const auto opened = Connection::open({.url = "postgresql://me:hushhush@localhost:99999/shop", .settings = {}});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().exit, Exit::usage);
  EXPECT_EQ(to_text(opened.error()),
            "postgresql://me@localhost:99999/shop: cannot connect: invalid port number: "
            "\"99999\"\n  a port is a number from 1 to 65535 (URL or PGPORT)");
}

}  // namespace
}  // namespace segue::pg
