// One connection of the traffic: runs a statement or a transaction of the file as a driver would, journals its writes,
// and says how it went. One thread uses it; only cancel() and the seat may be used from others.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.h"
#include "traffic/file.h"
#include "traffic/generator.h"
#include "traffic/journal.h"

namespace segue::traffic {

// What others may know of a connection: whose backend it is and what it is doing.
struct Seat {
  std::atomic<int> pid{0};
  std::atomic<int> statement{-1};  // place in the file; -1: idle
};

struct Answer {
  enum class Kind {
    done,
    failed,
    expected,     // a failure that the file says may happen
    cut_short,    // an earlier statement gave no row to take a value from
    interrupted,  // cancelled by us at the end of a run
  } kind = Kind::done;
  std::string code;  // of a failure: its SQLSTATE, or "rows", or the error's code
  std::string message;
  int queries = 0;  // SQL statements sent, without BEGIN and COMMIT
};

class Client {
 public:
  // `journal` may be null. `number` is the connection's, from 0.
  Client(const File& file, RunValues& values, Journal* journal, Protocol protocol, int number, std::uint64_t seed);

  // Also after a lost connection.
  Status connect(const pg::ConnectOptions& options);
  bool lost() const { return !connection_ || connection_->lost(); }

  Answer run(std::size_t statement);

  const Seat& seat() const { return seat_; }
  Random& random() { return random_; }
  // Ends what is being run, from another thread; it is `interrupted`, and so is all that fails afterwards.
  void cancel();

 private:
  struct Attempt;
  Answer run_once(std::size_t statement);
  Answer run_single(Attempt& attempt);
  Answer run_transaction(Attempt& attempt);
  Status begin(Attempt& attempt);
  Result<pg::Rows> send(std::size_t statement, std::size_t action, const std::vector<Value>& values);
  std::optional<Answer> check_rows(const Action& action, const pg::Rows& rows) const;
  Answer failed(const Action* action, const Error& error) const;
  Answer missing(const Draw& draw) const;

  const File& file_;
  RunValues& values_;
  Journal* journal_;
  Protocol protocol_;
  int number_;
  Random random_;
  Seat seat_;
  std::optional<pg::Connection> connection_;
  std::vector<std::vector<std::string>> prepared_;  // by statement and action; "": not yet
  int prepared_count_ = 0;
  std::mutex cancel_mutex_;
  std::optional<pg::Canceller> canceller_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace segue::traffic
