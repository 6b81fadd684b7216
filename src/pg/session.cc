#include "pg/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pg/connect_string.h"

namespace segue::pg {
namespace {

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : text;
}

std::string one_line(std::string_view text) {
  std::string line(trim(text));
  for (auto at = line.find("\n\t"); at != std::string::npos; at = line.find("\n\t")) line.replace(at, 2, ". ");
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::string connect_hint(const std::string& message) {
  const auto says = [&](std::string_view part) { return message.find(part) != std::string::npos; };
  if (says("password authentication failed")) return "check the user and the password (URL, PGPASSWORD or ~/.pgpass)";
  if (says("no password supplied")) return "give a password: in the URL, in PGPASSWORD or in ~/.pgpass";
  if (says("does not exist") && says("database")) return "check the name of the database; `psql -l` lists them";
  if (says("does not exist") && says("role")) return "check the name of the user";
  if (says("pg_hba.conf")) return "the server does not let this user in from here; see its pg_hba.conf";
  if (says("too many")) return "the server has no connection free; try again or raise max_connections";
  if (says("starting up") || says("recovery")) return "the server is starting; try again in a moment";
  if (says("SSL")) return "check sslmode and the certificates (PGSSLMODE, PGSSLROOTCERT)";
  return "check that the server runs and that DATABASE_URL (or PGHOST, PGPORT) names it; `segue sandbox` starts one";
}

}  // namespace

ParamArrays::ParamArrays(const Params& params) {
  values_.reserve(params.size());
  for (const auto& param : params) values_.push_back(param.c_str());
}

void NoticeHandler::set(std::function<void(const std::string&, const std::string&)> handler,
                        std::vector<std::string> secrets) {
  handler_ = std::move(handler);
  secrets_ = std::move(secrets);
}

void NoticeHandler::take(const PGresult* notice) const {
  if (!handler_) return;
  handler_(field(notice, PG_DIAG_SEVERITY_NONLOCALIZED),
           without_secrets(field(notice, PG_DIAG_MESSAGE_PRIMARY), secrets_));
}

Result<Rows> Connection::State::check(PGresult* result) const {
  if (result == nullptr) return tl::unexpected(lost_error());
  Rows rows(result);
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_PIPELINE_SYNC:
      return rows;
    default:
      return tl::unexpected(statement_error(result));
  }
}

Error Connection::State::statement_error(const PGresult* result) const {
  const auto sqlstate = field(result, PG_DIAG_SQLSTATE);
  if (PQstatus(handle.get()) == CONNECTION_BAD) {
    Error error = lost_error();
    error.sqlstate = sqlstate;
    return error;
  }
  Error error;
  error.code = "statement-failed";
  error.sqlstate = sqlstate;
  error.message = without_secrets(field(result, PG_DIAG_MESSAGE_PRIMARY), secrets);
  if (error.message.empty()) error.message = without_secrets(one_line(PQresultErrorMessage(result)), secrets);
  if (const auto detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) {
    error.message += ": " + without_secrets(detail, secrets);
  }
  error.hint = without_secrets(field(result, PG_DIAG_MESSAGE_HINT), secrets);
  if (const auto position = field(result, PG_DIAG_STATEMENT_POSITION); !position.empty()) {
    error.where = "character " + position;
  }
  if (sqlstate == "42501") error.code = "no-rights";
  return error;
}

Error Connection::State::connect_error() const {
  const auto message = last_message();
  const auto says = [&](std::string_view part) { return message.find(part) != std::string::npos; };
  Error error;
  const bool refused = says("authentication") || says("password") || says("pg_hba.conf") || says("does not exist");
  error.code = refused ? "refused-by-server" : "no-server";
  error.message = "cannot connect: " + message;
  error.where = display;
  error.hint = connect_hint(message);
  return error;
}

Error Connection::State::lost_error() const {
  Error error;
  error.code = "connection-lost";
  error.message = "the connection to the server was lost: " + last_message();
  error.where = display;
  error.hint = "nothing that was committed is lost; run the same command again to go on";
  error.exit = Exit::stopped;
  return error;
}

std::string Connection::State::last_message() const {
  return without_secrets(one_line(PQerrorMessage(handle.get())), secrets);
}

}  // namespace segue::pg
