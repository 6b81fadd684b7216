// A session with a PostgreSQL server; one thread at a time uses it.
//
// Every statement comes back as Rows or as an Error that keeps the SQLSTATE. A lost connection is the error
// "connection-lost"; whether a COMMIT that was under way then took place is not known, and commit() says so. Passwords
// are in no error.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pg/rows.h"

namespace segue::pg {

struct ConnectOptions {
  // A URL or a libpq connection string; empty: DATABASE_URL, else libpq's own environment and files.
  std::string url;
  std::string application_name = "segue";
  // -c settings of the session, e.g. {"lock_timeout", "50ms"}.
  std::vector<std::pair<std::string, std::string>> settings;
  int timeout_seconds = 10;  // unless the URL or PGCONNECT_TIMEOUT says otherwise
  // Stands as a comment at the end of each statement with parameters: who looks at the server sees whose it is.
  std::string remark = {};
};

// Where a connection leads, fit to be shown: "postgresql://user@host:5432/name", never with a password.
std::string display_url(const std::string& url);

struct Notification {
  std::string channel;
  std::string payload;
  int pid = 0;
};

enum class CommitOutcome { committed, rolled_back, unknown };
struct CommitResult {
  CommitOutcome outcome = CommitOutcome::committed;
  Error error;  // why it is not committed, or not known
};

// Ends what a connection is doing, from another thread; may outlive the connection.
class Canceller {
 public:
  Status cancel() const;

 private:
  friend class Connection;
  std::shared_ptr<void> handle_;
};

class Connection {
 public:
  static Result<Connection> open(const ConnectOptions& options = {});
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // One statement; values as parameters ($1, $2, …).
  Result<Rows> query(std::string_view sql, const Params& params = {});
  // One statement whose rows do not matter.
  Status execute(std::string_view sql, const Params& params = {});
  // Several statements in one go (simple protocol; one implicit transaction unless they say otherwise).
  Status script(std::string_view sql);
  // Exactly one row with one value that is not NULL.
  Result<std::string> value(std::string_view sql, const Params& params = {});

  // Several statements, simple protocol; the rows of the last one.
  Result<Rows> simple(std::string_view sql);
  // A named prepared statement of this session, as drivers use them.
  Status prepare(const std::string& name, std::string_view sql);
  Result<Rows> run_prepared(const std::string& name, const Params& params = {});

  Status begin(std::string_view mode = {});  // e.g. "ISOLATION LEVEL REPEATABLE READ READ ONLY"
  CommitResult commit();
  void rollback();  // never fails: a connection that cannot roll back is lost, and with it the transaction
  bool in_transaction() const;

  // COPY … FROM STDIN: `next` gives a piece at a time, empty at the end. COPY … TO STDOUT: `take` gets each piece.
  Result<std::int64_t> copy_in(std::string_view sql, const std::function<std::string()>& next);
  Result<std::int64_t> copy_out(std::string_view sql, const std::function<void(std::string_view)>& take);

  void on_notice(std::function<void(const std::string& severity, const std::string& message)> handler);
  Status listen(std::string_view channel);
  // Waits until one comes or the time is over; an empty list then.
  Result<std::vector<Notification>> notifications(int timeout_ms);

  Canceller canceller() const;
  bool lost() const;           // the connection is gone
  int server_version() const;  // 150018
  int backend_pid() const;     // as the client sees it (a proxy may lie)
  std::string target() const;  // display_url of what it is connected to

 private:
  friend class Pipeline;
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Statements sent together, answered together: one round trip. All of them form one implicit transaction unless they
// contain BEGIN and COMMIT; after the first that fails the rest are skipped by the server.
class Pipeline {
 public:
  explicit Pipeline(Connection& connection) : connection_(connection) {}
  Pipeline& add(std::string_view sql, const Params& params = {});
  // Sends what was added and waits for every answer; the first error, if there is one. `failed_at` (if given) gets
  // the number of the statement that failed.
  Result<std::vector<Rows>> run(std::size_t* failed_at = nullptr);

 private:
  struct Item {
    std::string sql;
    Params params;
  };
  Connection& connection_;
  std::vector<Item> items_;
};

}  // namespace segue::pg
