#include "pg/connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include "pg/connect_string.h"
#include "pg/quote.h"
#include "pg/session.h"

namespace segue::pg {
namespace {

void receive_notice(void* state, const PGresult* notice) {
  static_cast<NoticeHandler*>(state)->take(notice);
}

Status apply_settings(Connection& connection, const ConnectOptions& options) {
  std::string sql = "SELECT pg_catalog.set_config('client_encoding', 'UTF8', false)";
  for (const auto& [name, value] : options.settings) {
    sql += fmt::format(", pg_catalog.set_config({}, {}, false)", quote_literal(name), quote_literal(value));
  }
  return connection.execute(sql);
}

// The options for the server, where a timeout among them could end even the statement that takes it away; else empty:
// they stay as they are, because not every proxy takes options.
std::string options_without_timeout(const std::string& given, const ConnectOptions& options) {
  if (given.find("statement_timeout") == std::string::npos) return {};
  for (const auto& [name, value] : options.settings) {
    if (name == "statement_timeout") return given + " -c statement_timeout=" + value;
  }
  return {};
}

}  // namespace

std::string display_url(const std::string& url) {
  const auto target = read_connect_string(url);
  return target ? target->display : "a connection string that cannot be read";
}

Result<Connection> Connection::open(const ConnectOptions& options) {
  const char* from_environment = std::getenv("DATABASE_URL");
  const std::string url = !options.url.empty() ? options.url : from_environment == nullptr ? "" : from_environment;
  auto target = TRY(read_connect_string(url));

  // What stands before dbname gives way to what the URL says.
  const std::string timeout = std::to_string(options.timeout_seconds);
  std::vector<const char*> keys = {"fallback_application_name"}, values = {options.application_name.c_str()};
  // A line that swallows everything is noticed within half a minute, not after hours.
  for (const auto& [key, value] : {std::pair{"keepalives_idle", "5"}, std::pair{"keepalives_interval", "5"},
                                   std::pair{"keepalives_count", "4"}, std::pair{"tcp_user_timeout", "20000"}}) {
    keys.push_back(key);
    values.push_back(value);
  }
  if (std::getenv("PGCONNECT_TIMEOUT") == nullptr) {
    keys.push_back("connect_timeout");
    values.push_back(timeout.c_str());
  }
  if (!url.empty()) {
    keys.push_back("dbname");
    values.push_back(url.c_str());
  }
  const auto settings = options_without_timeout(target.options, options);
  if (!settings.empty()) {
    keys.push_back("options");
    values.push_back(settings.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);

  auto state = std::make_unique<State>();
  state->secrets = std::move(target.secrets);
  state->display = target.display;
  // At the end, so that positions in errors stay what they are; a line of its own, since the text may end in a comment.
  if (!options.remark.empty()) state->remark = "\n/* " + options.remark + " */";
  state->handle.reset(PQconnectdbParams(keys.data(), values.data(), 1));
  if (PQstatus(state->handle.get()) != CONNECTION_OK) return tl::unexpected(state->connect_error());
  PQsetNoticeReceiver(state->handle.get(), receive_notice, &state->notices);

  Connection connection(std::move(state));
  TRY(apply_settings(connection, options));
  return connection;
}

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Rows> Connection::query(std::string_view sql, const Params& params) {
  const ParamArrays arrays(params);
  return state_->check(PQexecParams(state_->handle.get(), state_->with_remark(sql).c_str(), arrays.count(), nullptr,
                                    arrays.values(), nullptr, nullptr, 0));
}

Status Connection::execute(std::string_view sql, const Params& params) {
  TRY(query(sql, params));
  return {};
}

Status Connection::script(std::string_view sql) {
  TRY(simple(sql));
  return {};
}

Result<Rows> Connection::simple(std::string_view sql) {
  return state_->check(PQexec(state_->handle.get(), std::string(sql).c_str()));
}

Result<std::string> Connection::value(std::string_view sql, const Params& params) {
  const auto rows = TRY(query(sql, params));
  if (rows.size() != 1 || rows.columns() != 1 || rows.is_null(0, 0)) {
    return failure("not-one-value",
                   fmt::format("one value was expected, the answer has {} rows of {} columns{}", rows.size(),
                               rows.columns(), rows.size() == 1 ? " (NULL)" : ""),
                   fmt::format("the query was: {}", sql));
  }
  return rows.string(0, 0);
}

Status Connection::prepare(const std::string& name, std::string_view sql) {
  TRY(state_->check(PQprepare(state_->handle.get(), name.c_str(), std::string(sql).c_str(), 0, nullptr)));
  return {};
}

Result<Rows> Connection::run_prepared(const std::string& name, const Params& params) {
  const ParamArrays arrays(params);
  return state_->check(
      PQexecPrepared(state_->handle.get(), name.c_str(), arrays.count(), arrays.values(), nullptr, nullptr, 0));
}

Status Connection::begin(std::string_view mode) {
  return execute(mode.empty() ? "BEGIN" : fmt::format("BEGIN {}", mode));
}

CommitResult Connection::commit() {
  const bool was_lost = lost();
  const auto answer = query("COMMIT");
  if (answer && answer->command() == "COMMIT") return {CommitOutcome::committed, {}};
  if (answer) {
    return {CommitOutcome::rolled_back,
            {"rolled-back", "the transaction had failed before its COMMIT", {}, {}, {}, Exit::failed}};
  }
  if (lost() && !was_lost) {
    Error error = answer.error();
    error.code = "commit-unknown";
    error.message = "the connection was lost during COMMIT; whether it took place is not known: " + error.message;
    return {CommitOutcome::unknown, error};
  }
  return {CommitOutcome::rolled_back, answer.error()};
}

void Connection::rollback() {
  if (!lost() && in_transaction()) (void)query("ROLLBACK");
}

bool Connection::in_transaction() const {
  const auto status = PQtransactionStatus(state_->handle.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

void Connection::on_notice(std::function<void(const std::string&, const std::string&)> handler) {
  state_->notices.set(std::move(handler), state_->secrets);
}

Status Connection::listen(std::string_view channel) {
  return execute("LISTEN " + quote_name(channel));
}

Result<std::vector<Notification>> Connection::notifications(int timeout_ms) {
  PGconn* handle = state_->handle.get();
  const auto collect = [&] {
    std::vector<Notification> found;
    while (PGnotify* one = PQnotifies(handle)) {
      found.push_back({one->relname, one->extra, one->be_pid});
      PQfreemem(one);
    }
    return found;
  };
  if (auto found = collect(); !found.empty()) return found;
  pollfd waiting{PQsocket(handle), POLLIN, 0};
  ::poll(&waiting, 1, timeout_ms);
  if (PQconsumeInput(handle) == 0) return tl::unexpected(state_->lost_error());
  return collect();
}

Canceller Connection::canceller() const {
  Canceller canceller;
  canceller.handle_ = std::shared_ptr<void>(PQgetCancel(state_->handle.get()),
                                            [](void* handle) { PQfreeCancel(static_cast<PGcancel*>(handle)); });
  return canceller;
}

Status Canceller::cancel() const {
  char problem[256] = "";
  if (PQcancel(static_cast<PGcancel*>(handle_.get()), problem, sizeof problem) == 1) return {};
  return failure("cancel-failed", fmt::format("the cancel request did not reach the server: {}", problem));
}

bool Connection::lost() const {
  return state_->ended || PQstatus(state_->handle.get()) == CONNECTION_BAD;
}

int Connection::server_version() const {
  return PQserverVersion(state_->handle.get());
}

int Connection::backend_pid() const {
  return PQbackendPID(state_->handle.get());
}

std::string Connection::target() const {
  return state_->display;
}

}  // namespace segue::pg
