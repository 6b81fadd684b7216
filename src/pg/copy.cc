#include <fmt/format.h>

#include "pg/session.h"

namespace segue::pg {
namespace {

// Reads what is left of the answers to a COPY; the rows it counted, or its error.
Result<std::int64_t> finish(const Connection& connection, PGconn* handle,
                            const std::function<Result<Rows>(PGresult*)>& check) {
  Result<std::int64_t> outcome = 0;
  while (PGresult* result = PQgetResult(handle)) {
    auto rows = check(result);
    if (rows && outcome) outcome = rows->affected();
    if (!rows && outcome) outcome = tl::unexpected(rows.error());
    if (connection.lost()) break;
  }
  return outcome;
}

}  // namespace

Result<std::int64_t> Connection::copy_in(std::string_view sql, const std::function<std::string()>& next) {
  PGconn* handle = state_->handle.get();
  const auto check = [this](PGresult* result) { return state_->check(result); };
  PGresult* started = PQexec(handle, std::string(sql).c_str());
  const bool copying = PQresultStatus(started) == PGRES_COPY_IN;
  TRY(state_->check(started));
  if (!copying) return failure("not-a-copy", "this statement is no COPY … FROM STDIN");

  bool sent = true;
  for (std::string piece = next(); sent && !piece.empty(); piece = next()) {
    sent = PQputCopyData(handle, piece.data(), static_cast<int>(piece.size())) == 1;
  }
  if (sent) sent = PQputCopyEnd(handle, nullptr) == 1;
  auto outcome = finish(*this, handle, check);
  if (outcome && !sent) return tl::unexpected(state_->lost_error());
  return outcome;
}

Result<std::int64_t> Connection::copy_out(std::string_view sql, const std::function<void(std::string_view)>& take) {
  PGconn* handle = state_->handle.get();
  const auto check = [this](PGresult* result) { return state_->check(result); };
  PGresult* started = PQexec(handle, std::string(sql).c_str());
  const bool copying = PQresultStatus(started) == PGRES_COPY_OUT;
  TRY(state_->check(started));
  if (!copying) return failure("not-a-copy", "this statement is no COPY … TO STDOUT");

  char* piece = nullptr;
  for (int size = PQgetCopyData(handle, &piece, 0); size > 0; size = PQgetCopyData(handle, &piece, 0)) {
    take({piece, static_cast<std::size_t>(size)});
    PQfreemem(piece);
  }
  return finish(*this, handle, check);
}

}  // namespace segue::pg
