#include "engine/transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/clock.h"
#include "engine/locks.h"

namespace segue::engine {
namespace {

constexpr int most_too_long = 4;

bool drops_something(const std::string& statement) {
  return statement.rfind("DROP ", 0) == 0 ||
         (statement.rfind("ALTER TABLE ", 0) == 0 && statement.find(" DROP ") != std::string::npos);
}

// No such table, column, object, function or schema.
bool is_missing(const Error& error) {
  for (const auto* sqlstate : {"42P01", "42703", "42704", "42883", "3F000"}) {
    if (error.sqlstate == sqlstate) return true;
  }
  return false;
}

// A strong lock that could not be had or held for as short as promised is let go, and tried again.
bool try_again(const Error& error) {
  return error.sqlstate == "55P03" || error.sqlstate == "57014" || error.sqlstate == "40P01";
}

Error with_ledger_hint(Error error) {
  error.exit = Exit::stopped;
  error.hint = "the ledger knows whether it took place: run the same command again";
  return error;
}

tl::unexpected<Error> too_long(const Work& work, const plan::Action& action) {
  return failure("too-long-under-lock",
                 fmt::format("it needs longer than {} ms under {}, and others would wait that long",
                             2 * work.plan.lock_wait_ms, plan::strongest_lock(action)),
                 "write it in the form that does not scan under the lock (segue lint shows it), or accept it: -- "
                 "segue:allow scan-under-lock "
                 "REASON before the statement");
}

tl::unexpected<Error> deadline(const Work& work, const Error& last) {
  return tl::unexpected(Error{
      "lock-deadline",
      fmt::format("no lock within {} s: {}", work.plan.lock_deadline_s, last.message),
      {},
      "nothing was changed; see who holds the table (pg_locks, pg_stat_activity), then run the same command again",
      last.sqlstate,
      Exit::stopped});
}

class Transaction {
 public:
  Transaction(Work& work, const plan::Action& action, const plan::Step& step, const Journal& journal)
      : work_(work), action_(action), step_(step), journal_(journal) {}

  Result<Performed> run(bool missing_is_fine);

 private:
  Status prepare();
  Status at_once(const std::vector<std::string>& locking, bool& had_locks);
  Status lock_and_do(bool missing_is_fine);
  // Whether what failed was to drop what is gone already: that statement is left out then.
  bool leave_out(const Error& error);
  // Statements that bound what is waited for and held, after the locks.
  std::vector<std::string> bounds() const;

  Work& work_;
  const plan::Action& action_;
  const plan::Step& step_;
  const Journal& journal_;
  std::vector<std::string> statements_;  // placeholders put in
  Performed performed_;
  Stopwatch once_;
  std::size_t failed_statement_ = 0;  // of statements_; beyond them: something else failed
};

Status Transaction::prepare() {
  for (const auto& statement : action_.sql) statements_.push_back(TRY(work_.resolve(statement)));
  return {};
}

std::vector<std::string> Transaction::bounds() const {
  // Also a lock that nobody foresaw must not be waited for: everybody would queue behind us.
  std::vector<std::string> sql = {fmt::format("SET LOCAL lock_timeout = '{}ms'", work_.plan.lock_wait_ms)};
  const bool strong = plan::who_waits(plan::strongest_lock(action_)) != "none";
  if (!strong || action_.may_take_long) return sql;
  // Budget: wait, hold and commit together. The flush of the commit comes after the locks are gone.
  sql.push_back(fmt::format("SET LOCAL statement_timeout = '{}ms'", 2 * work_.plan.lock_wait_ms));
  sql.emplace_back("SET LOCAL synchronous_commit = off");
  return sql;
}

Status Transaction::at_once(const std::vector<std::string>& locking, bool& had_locks) {
  pg::Pipeline pipeline(work_.connection);
  pipeline.add("BEGIN");
  for (const auto& sql : locking) pipeline.add(sql);
  const auto before = bounds();
  for (const auto& sql : before) pipeline.add(sql);
  const auto first = 1 + locking.size() + before.size();
  for (const auto& sql : statements_) pipeline.add(sql);
  for (const auto& one : journal_(0)) pipeline.add(one.sql, one.params);
  pipeline.add("COMMIT");
  once_ = Stopwatch();
  std::size_t failed_at = 0;
  const auto answers = pipeline.run(&failed_at);
  if (!answers) {
    had_locks = failed_at > locking.size();
    failed_statement_ = failed_at - first;
    if (work_.connection.lost()) return tl::unexpected(with_ledger_hint(answers.error()));
    work_.connection.rollback();
    return tl::unexpected(answers.error());
  }
  if (answers->back().command() != "COMMIT") {
    return failure("not-committed", "the server rolled the transaction back", "run the same command again");
  }
  performed_.rows = 0;
  for (std::size_t at = 0; at < statements_.size(); ++at) performed_.rows += (*answers)[first + at].affected();
  return {};
}

bool Transaction::leave_out(const Error& error) {
  if (work_.connection.lost() || !is_missing(error) || failed_statement_ >= statements_.size()) return false;
  const auto at = statements_.begin() + static_cast<std::ptrdiff_t>(failed_statement_);
  if (!drops_something(*at)) return false;
  statements_.erase(at);
  Event event;
  event.down = true;
  event.message = fmt::format("gone already, there is nothing to take back: {}", error.message);
  work_.tell(event);
  return true;
}

Status Transaction::lock_and_do(bool missing_is_fine) {
  const auto attempt = [&] {
    return under_locks(work_, action_.locks, step_.id, [&](const std::vector<std::string>& locking, bool& had_locks) {
      return at_once(locking, had_locks);
    });
  };
  auto wait = attempt();
  while (!wait && missing_is_fine && leave_out(wait.error())) wait = attempt();
  if (!wait) return tl::unexpected(wait.error());
  performed_.longest_wait_ms = std::max(performed_.longest_wait_ms, wait->longest_ms);
  performed_.held_ms = once_.seconds() * 1000;
  return {};
}

Result<Performed> Transaction::run(bool missing_is_fine) {
  TRY(prepare());
  const Stopwatch since;
  for (int tries = 1;; ++tries) {
    const auto done = lock_and_do(missing_is_fine);
    if (done) return performed_;
    if (work_.connection.lost() || !try_again(done.error()) || done.error().exit == Exit::stopped) {
      return tl::unexpected(done.error());
    }
    if (work_.asked_to_stop()) return tl::unexpected(work_.stopped());
    if (done.error().sqlstate == "57014" && tries >= most_too_long) return too_long(work_, action_);
    if (since.seconds() > work_.plan.lock_deadline_s) return deadline(work_, done.error());
    // Whoever was in the way gets on; and those behind us, who waited as long as we did, get far more time than that.
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(100 << std::min(tries, 5), 3000)));
  }
}

}  // namespace

Result<Performed> in_transaction(Work& work, const plan::Action& action, const plan::Step& step, const Journal& journal,
                                 bool missing_is_fine) {
  return Transaction(work, action, step, journal).run(missing_is_fine);
}

}  // namespace segue::engine
