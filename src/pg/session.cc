#include "pg/session.h"

#include <fmt/format.h>

#include "pg/connect_hint.h"
#include "pg/connect_string.h"

namespace segue::pg {
namespace {

constexpr int oldest_version = 140000;

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : text;
}

// What the server advises where rights are missing is not always fit for a live system.
std::string rights_hint(const std::string& message, std::string hint) {
  if (message.find("row-level security policy") != std::string::npos) {
    return "segue has to see every row: run as a role with BYPASSRLS";
  }
  if (message.starts_with("permission denied for database")) {
    return "the role needs CREATE on the database, for the schema segue (the ledger) too: GRANT CREATE ON DATABASE … "
           "TO the role; `segue doctor` lists all that is needed";
  }
  return hint;
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
  // The word that it ends the session comes before the socket is seen to be closed.
  const auto severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  ended = ended || severity == "FATAL" || severity == "PANIC";
  if (ended || PQstatus(handle.get()) == CONNECTION_BAD) {
    Error error = lost_error();
    error.sqlstate = sqlstate;
    return error;
  }
  // Whatever it did not understand, its age is the reason.
  if (const int version = PQserverVersion(handle.get()); version < oldest_version) {
    return {"old-server", fmt::format("this server is PostgreSQL {}", version / 10000),
            display,      "segue needs PostgreSQL 14 or newer",
            {},           Exit::failed};
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
  if (sqlstate != "42501") return error;
  error.code = "no-rights";
  error.hint = rights_hint(error.message, std::move(error.hint));
  return error;
}

Error Connection::State::connect_error() const {
  const auto message = last_message();
  auto advice = connect_advice(message);
  return {std::move(advice.code), "cannot connect: " + message, display, std::move(advice.hint), {}, advice.exit};
}

Error Connection::State::lost_error() const {
  ended = true;  // libpq itself may see it only at the next read
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
