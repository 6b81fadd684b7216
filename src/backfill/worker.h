// One worker: takes ranges and carries them, batch by batch, in a session of its own.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "backfill/backfill.h"
#include "backfill/batch_size.h"
#include "backfill/crew.h"
#include "backfill/sieve.h"
#include "backfill/walk.h"

namespace segue::backfill {

// The settings of a session that carries rows: locks are waited for shortly, commits are not waited for.
Status prepare_session(pg::Connection& connection, bool silent);

// Who has the oldest transaction that writes, or has locked rows of, this table.
std::string holders(pg::Connection& connection, const std::string& table);

class Worker {
 public:
  // `between` is called after each batch; `number` from 0: the crew keeps those below `wanted`. `reconnects`: a lost
  // session is not the end.
  Worker(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings, const Walk& walk,
         Crew& crew, int number, bool reconnects, std::function<Status()> between);

  // Until nothing is left, somebody says stop, or an error.
  Status run();

 private:
  Status carry(Range& range);
  Status rest();
  Result<bool> to_the_end(Range& range);
  Status batch(Range& range, const std::string& stop);
  Status moved_on(Range& range, const std::string& stop, const pg::Rows& answer);
  Status failed(Range& range, const std::string& stop, const Error& error);
  Error not_ours() const;
  Status reconnect(Range& range, const Error& lost);
  Status look_first(const Range& range, const std::string& stop);
  Status pass_over(const Range& range, const std::string& stop, const Error& error);
  Status give_way(const Range& range, const Error& error);
  std::string update_sql(const Range& range, const Stretch& stretch) const;
  BatchSize& size() { return sizes_.try_emplace(turn_, last_size_).first->second; }
  bool leaves() const { return crew_.stop || number_ >= crew_.wanted; }

  pg::Connection& connection_;
  const plan::BackfillJob& job_;
  const Settings& settings_;
  const Walk& walk_;
  Crew& crew_;
  Sieve sieve_;
  const int number_;
  const bool reconnects_;
  const std::function<Status()> between_;
  // Rows of one turn take about equally long, those of another longer or shorter.
  std::map<int, BatchSize> sizes_;
  BatchSize last_size_;
  int turn_ = 0;
  bool cut_ = false;                 // the batch under way was ended early
  std::optional<Stopwatch> waited_;  // for a row that somebody holds
  const int usual_timeout_ms_;
  int timeout_ms_;            // of the next batch
  bool skip_locked_ = false;  // to the end of the range
  bool skips_ = false;        // rows that are held were passed over before
  bool clean_ = true;         // of the range that is compared: no row was wrong
  int not_found_ = 0;         // how often in a row no single row was to blame
};

}  // namespace segue::backfill
