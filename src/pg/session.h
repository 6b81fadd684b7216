// What a Connection holds: the libpq handle, and how its answers become Rows or Errors. Only src/pg includes this.
#pragma once

#include <libpq-fe.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::pg {

// Parameters as libpq wants them; lives no longer than the Params it was made from.
class ParamArrays {
 public:
  explicit ParamArrays(const Params& params);
  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.empty() ? nullptr : values_.data(); }

 private:
  std::vector<const char*> values_;
};

// Hands notices on, without secrets; its address stays the same for libpq.
class NoticeHandler {
 public:
  void set(std::function<void(const std::string&, const std::string&)> handler, std::vector<std::string> secrets);
  void take(const PGresult* notice) const;

 private:
  std::function<void(const std::string&, const std::string&)> handler_;
  std::vector<std::string> secrets_;
};

struct Connection::State {
  struct Close {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  NoticeHandler notices;
  std::unique_ptr<PGconn, Close> handle;
  std::vector<std::string> secrets;
  std::string display;
  mutable bool ended = false;  // the server has said that it ends this session, or it answers no more
  std::string remark;          // a comment, ready to be appended

  std::string with_remark(std::string_view sql) const { return std::string(sql) + remark; }
  // Takes the result over: its rows, or the error that it carries.
  Result<Rows> check(PGresult* result) const;
  Error statement_error(const PGresult* result) const;
  Error connect_error() const;
  Error lost_error() const;  // from then on it is lost
  // libpq's last message on this connection, in one line, without secrets.
  std::string last_message() const;
};

}  // namespace segue::pg
