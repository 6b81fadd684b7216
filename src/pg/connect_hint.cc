#include "pg/connect_hint.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace segue::pg {
namespace {

enum class Why { setting, refused, absent };

// The first one whose words all occur in the message fits.
struct Known {
  std::vector<std::string_view> words;
  Why why;
  const char* hint;
};

constexpr const char* port_hint = "a port is a number from 1 to 65535 (URL or PGPORT)";
constexpr const char* service_hint =
    "check PGSERVICE (or service= in the URL) and the service file: ~/.pg_service.conf, or what PGSERVICEFILE names";
constexpr const char* encoding_hint = "check PGCLIENTENCODING and client_encoding in the URL, or leave them out";
constexpr const char* options_hint =
    "the server does not take a setting: check PGOPTIONS (or options= in the URL), PGTZ and PGDATESTYLE";
constexpr const char* other_server_hint = "this is no PostgreSQL server: check the port";
constexpr const char* full_hint = "the server has no connection free; try again or raise max_connections";
constexpr const char* kind_hint =
    "the URL or PGTARGETSESSIONATTRS asks for another kind of server: name one that can be written to";
constexpr const char* tls_hint = "check sslmode and the certificates (PGSSLMODE, PGSSLROOTCERT)";
constexpr const char* general_hint =
    "check that the server runs and that DATABASE_URL (or PGHOST, PGPORT) names it; `segue sandbox` starts one";

const std::vector<Known>& known() {
  static const std::vector<Known> list = {
      // What libpq refuses by itself.
      {{"invalid port number"}, Why::setting, port_hint},
      {{"invalid integer value", "\"port\""}, Why::setting, port_hint},
      {{"invalid integer value"}, Why::setting, "a whole number belongs there (URL, or one of libpq's PG… variables)"},
      {{"definition of service"}, Why::setting, service_hint},
      {{"service file"}, Why::setting, service_hint},
      {{"sslmode value"},
       Why::setting,
       "sslmode is disable, allow, prefer, require, verify-ca or verify-full (URL or PGSSLMODE)"},
      {{"invalid ", " value: \""},
       Why::setting,
       "mend it in the URL, or in the one of libpq's PG… variables that gives it"},
      {{"could not match"}, Why::setting, "give one port for all hosts, or one for each"},
      // What the server does not take from the client's environment.
      {{"invalid value for parameter", "client_encoding"}, Why::setting, encoding_hint},
      {{"conversion between", "not supported"}, Why::setting, encoding_hint},
      {{"unrecognized configuration parameter"}, Why::setting, options_hint},
      {{"invalid value for parameter"}, Why::setting, options_hint},
      {{"requires a value"}, Why::setting, options_hint},
      {{"invalid command-line argument"}, Why::setting, options_hint},
      {{"permission denied to set parameter"}, Why::setting, options_hint},
      {{"parameter", "cannot be changed"}, Why::setting, options_hint},
      {{"parameter", "cannot be set"}, Why::setting, options_hint},
      // Whom the server does not let in.
      {{"password authentication failed"},
       Why::refused,
       "check the user and the password (URL, PGPASSWORD or ~/.pgpass)"},
      {{"no password supplied"}, Why::refused, "give a password: in the URL, in PGPASSWORD or in ~/.pgpass"},
      {{"Peer authentication failed"},
       Why::refused,
       "the socket is for the operating system's user of the same name: be that user, or connect over TCP (a host)"},
      {{"authentication failed"}, Why::refused, "check the user, and how the server's pg_hba.conf wants it to log in"},
      {{"not permitted to log in"}, Why::refused, "ALTER ROLE … LOGIN, or connect as another user"},
      {{"pg_hba.conf"}, Why::refused, "the server does not let this user in from here; see its pg_hba.conf"},
      {{"database", "does not exist"}, Why::refused, "check the name of the database; `psql -l` lists them"},
      {{"role", "does not exist"}, Why::refused, "check the name of the user"},
      {{"permission denied for database"}, Why::refused, "GRANT CONNECT ON DATABASE … TO the user"},
      {{"not currently accepting connections"},
       Why::refused,
       "ALTER DATABASE … ALLOW_CONNECTIONS true, or name another database"},
      {{"too many connections for role"},
       Why::refused,
       "end other sessions of this role, or raise its limit: ALTER ROLE … CONNECTION LIMIT"},
      {{"too many connections for database"},
       Why::refused,
       "end other sessions on this database, or raise its limit: ALTER DATABASE … CONNECTION LIMIT"},
      // A server that cannot be used now, or is none.
      {{"too many"}, Why::absent, full_hint},
      {{"remaining connection slots"}, Why::absent, full_hint},
      {{"starting up"}, Why::absent, "the server is starting; try again in a moment"},
      {{"in recovery mode"}, Why::absent, "the server is starting; try again in a moment"},
      {{"not accepting connections"}, Why::absent, "the server is starting; try again in a moment"},
      {{"shutting down"}, Why::absent, "the server is going down; try again when it is back"},
      {{"hot standby mode"}, Why::absent, kind_hint},
      {{"session is", "read-only"}, Why::absent, kind_hint},
      {{"received invalid response to"}, Why::absent, other_server_hint},
      {{"expected authentication request"}, Why::absent, other_server_hint},
      {{"timeout expired"},
       Why::absent,
       "nobody answered in time: check host and port, and the firewall between; PGCONNECT_TIMEOUT gives more seconds"},
      {{"SSL"}, Why::absent, tls_hint},
      {{"certificate"}, Why::absent, tls_hint},
      {{"private key"}, Why::absent, tls_hint},
  };
  return list;
}

std::string_view code_of(Why why) {
  switch (why) {
    case Why::setting:
      return "bad-connection-setting";
    case Why::refused:
      return "refused-by-server";
    case Why::absent:
      break;
  }
  return "no-server";
}

// What stands before names host and port, which are anybody's words.
std::string_view reason_in(std::string_view message) {
  constexpr std::string_view before = " failed: ";
  const auto at = message.starts_with("connection to server") ? message.find(before) : std::string_view::npos;
  return at == std::string_view::npos ? message : message.substr(at + before.size());
}

bool begins_small(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z';
}

}  // namespace

ConnectAdvice connect_advice(std::string_view message) {
  const auto reason = reason_in(message);
  const auto says = [&](std::string_view words) { return reason.find(words) != std::string_view::npos; };
  for (const auto& one : known()) {
    if (!std::all_of(one.words.begin(), one.words.end(), says)) continue;
    return {std::string(code_of(one.why)), one.hint, one.why == Why::setting ? Exit::usage : Exit::failed};
  }
  return {std::string(code_of(Why::absent)), general_hint, Exit::failed};
}

std::string one_line(std::string_view text) {
  std::vector<std::string> tries;
  for (const auto& line : split(trim(text), '\n')) {
    const auto words = trim(line);
    if (words.empty()) continue;
    if (!line.starts_with('\t') || tries.empty()) {
      tries.emplace_back(words);
    } else {
      tries.back() += (begins_small(words) ? " " : ". ") + std::string(words);
    }
  }
  std::string all;
  for (std::size_t at = 0; at < tries.size(); ++at) {
    if (std::find(tries.begin(), tries.begin() + static_cast<std::ptrdiff_t>(at), tries[at]) !=
        tries.begin() + static_cast<std::ptrdiff_t>(at)) {
      continue;  // a second try without TLS says the same again
    }
    if (!all.empty()) all += tries[at].starts_with("connection to server") ? "; " : " ";
    all += tries[at];
  }
  return all;
}

}  // namespace segue::pg
