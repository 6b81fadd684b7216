#include "backfill/backfill.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <thread>

#include "backfill/bad_row.h"
#include "backfill/batch_size.h"
#include "backfill/key.h"
#include "backfill/quarantine.h"
#include "backfill/range.h"
#include "backfill/statement.h"
#include "base/clock.h"
#include "base/text.h"

namespace segue::backfill {
namespace {

constexpr std::size_t update_place = 2;  // of the UPDATE among a batch's statements
constexpr int most_passes = 20;
constexpr int most_not_found = 10;
constexpr std::int64_t most_beyond = 100;  // rows more than the limit allows: then something else is wrong

class Job {
 public:
  Job(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings, Key key)
      : connection_(connection),
        job_(job),
        settings_(settings),
        key_(std::move(key)),
        size_(settings.target_ms, job.batch),
        left_(job) {}

  Result<std::int64_t> run();

 private:
  Result<std::string> bound();
  Result<std::string> next_stop(const std::string& hi);
  Status pass();
  Result<std::int64_t> batch(const std::string& stop);
  std::string update_sql() const;
  Status pass_over(const std::string& stop, const Error& error);
  Status judge();
  Status give_way(const Error& error);
  Status tell(double share);
  std::string holders();
  Result<std::int64_t> pending();
  double share(const std::string& at) const;

  pg::Connection& connection_;
  const plan::BackfillJob& job_;
  const Settings& settings_;
  Key key_;
  BatchSize size_;
  plan::BackfillJob left_;  // the job without the rows that are set aside
  Range range_;
  Stopwatch watch_;
  std::int64_t rows_here_ = 0;
  double took_ms_ = 0;               // the last batch, on the server
  std::optional<Stopwatch> waited_;  // for a row that somebody holds
  double told_at_ = 0;
  int not_found_ = 0;  // how often in a row no single row was to blame
};

Result<std::string> Job::bound() {
  const auto sql = key_.pages() ? fmt::format(
                                      "SELECT jsonb_build_array((pg_relation_size('{}') / "
                                      "current_setting('block_size')::int)::text)::text",
                                      job_.table)
                                : fmt::format("SELECT {} FROM {} ORDER BY {} LIMIT 1", key_.position(), job_.table,
                                              join(key_.columns, " DESC, ") + " DESC");
  const auto rows = TRY(connection_.query(sql));
  return rows.empty() ? std::string() : rows.string(0, 0);
}

// Where the next batch ends: so many rows after the cursor, or at the bound.
Result<std::string> Job::next_stop(const std::string& hi) {
  if (key_.pages()) {
    const auto from = range_.cursor ? std::stoll(read_position(*range_.cursor)[0]) : 0;
    const auto last = std::stoll(read_position(hi)[0]);
    const auto pages = std::max<std::int64_t>(1, size_.rows() / 50);
    return fmt::format("[\"{}\"]", std::min<long long>(last, from + pages));
  }
  pg::Params values;
  std::string where;
  if (range_.cursor) {
    for (const auto& value : read_position(*range_.cursor)) values.emplace_back(value);
    where = fmt::format("WHERE {} > {}", key_.row(), key_.parameters(1));
  }
  const auto rows =
      TRY(connection_.query(fmt::format("SELECT {} FROM {} {} ORDER BY {} OFFSET {} LIMIT 1", key_.position(),
                                        job_.table, where, key_.list(), size_.rows() - 1),
                            values));
  if (rows.empty()) return hi;
  // Not past the bound: what comes after it is new and right already.
  pg::Params both;
  for (const auto& value : read_position(rows.string(0, 0))) both.emplace_back(value);
  for (const auto& value : read_position(hi)) both.emplace_back(value);
  const auto beyond = TRY(connection_.value(
      fmt::format("SELECT {} > {}", key_.parameters(1), key_.parameters(1 + static_cast<int>(key_.columns.size()))),
      both));
  return beyond == "t" ? hi : rows.string(0, 0);
}

std::string Job::update_sql() const {
  const int width = static_cast<int>(key_.columns.size());
  std::string where;
  if (key_.pages()) {
    where = "ctid >= ('(' || $1::text || ',0)')::tid AND ctid < ('(' || $2::text || ',0)')::tid";
  } else {
    where = fmt::format("{} <= {}", key_.row(), key_.parameters(1));
    if (range_.cursor) where += fmt::format(" AND {} > {}", key_.row(), key_.parameters(1 + width));
  }
  return fmt::format(
      "WITH u AS ({} RETURNING 1) UPDATE segue.backfill_range SET rows = rows + (SELECT count(*) FROM u) WHERE id = {} "
      "RETURNING rows, (extract(epoch FROM clock_timestamp() - now()) * 1000)::float8",
      plan::update_text(left_, where), range_.id);
}

// One transaction, one round trip: the fence with the cursor, the rows.
Result<std::int64_t> Job::batch(const std::string& stop) {
  pg::Params values;
  if (key_.pages()) {
    values.emplace_back(range_.cursor ? read_position(*range_.cursor)[0] : "0");
    values.emplace_back(read_position(stop)[0]);
  } else {
    for (const auto& value : read_position(stop)) values.emplace_back(value);
    if (range_.cursor) {
      for (const auto& value : read_position(*range_.cursor)) values.emplace_back(value);
    }
  }
  pg::Pipeline pipeline(connection_);
  pipeline.add("BEGIN")
      .add(fence, {range_.id, settings_.epoch, range_.cursor, stop})
      .add(update_sql(), values)
      .add("COMMIT");
  std::size_t failed_at = 0;
  auto answers = pipeline.run(&failed_at);
  if (!answers) {
    connection_.rollback();
    if (answers.error().sqlstate == "22012" && answers.error().message.find("zero") != std::string::npos) {
      const auto ours = connection_.query("SELECT FROM segue.backfill_range WHERE id = $1 AND epoch = $2",
                                          {range_.id, settings_.epoch});
      if (ours && ours->empty()) {
        return tl::unexpected(Error{"fenced",
                                    "another runner has taken this backfill over",
                                    job_.table,
                                    "nothing is lost; this process ends",
                                    {},
                                    Exit::stopped});
      }
    }
    return tl::unexpected(answers.error());
  }
  range_.cursor = stop;
  // By the server's clock: how far away it is does not make a batch smaller.
  took_ms_ = (*answers)[update_place].real(0, 1);
  return (*answers)[update_place].integer(0, 0);
}

double Job::share(const std::string& at) const {
  if (!(key_.integer || key_.pages()) || range_.hi.empty()) return 0;
  const double hi = std::stod(read_position(range_.hi)[0]);
  return hi <= 0 ? 1 : std::clamp(std::stod(read_position(at)[0]) / hi, 0.0, 1.0);
}

Status Job::pass() {
  while (!range_.hi.empty() && range_.cursor != range_.hi) {
    const auto stop = TRY(next_stop(range_.hi));
    const auto total = batch(stop);
    if (!total) {
      Error error = total.error();
      if (is_about_a_row(error.sqlstate) && !connection_.lost()) {
        const auto passed = pass_over(stop, error);
        if (passed) continue;
        error = passed.error();
      }
      if (!gives_way(error.sqlstate)) return tl::unexpected(error);
      TRY(give_way(error));
      continue;
    }
    waited_ = {};
    size_.took(took_ms_);
    rows_here_ += *total - range_.rows;
    range_.rows = *total;
    TRY(tell(share(stop)));
  }
  return {};
}

Status Job::tell(double share) {
  const Progress progress{range_.rows, share, static_cast<double>(rows_here_) / std::max(watch_.seconds(), 1e-3),
                          size_.rows()};
  if (!settings_.go_on || settings_.go_on(progress)) return {};
  return tl::unexpected(
      Error{"stopped", "stopped, as asked", job_.table, "run the same command again to go on", {}, Exit::stopped});
}

// Who has the oldest transaction that writes, or has locked rows of, this table.
std::string Job::holders() {
  const auto rows = connection_.query(
      "SELECT format('process %s (%s, %s), %s for %s s: %s', a.pid, coalesce(a.usename, '?'), "
      "coalesce(nullif(a.application_name, ''), '?'), a.state, extract(epoch FROM clock_timestamp() - "
      "a.xact_start)::int, left(regexp_replace(coalesce(a.query, ''), '\\s+', ' ', 'g'), 80)) FROM pg_locks l JOIN "
      "pg_stat_activity a USING (pid) WHERE l.granted AND l.locktype = 'relation' AND l.relation = to_regclass($1) AND "
      "l.mode IN ('RowShareLock', 'RowExclusiveLock') AND l.pid <> pg_backend_pid() ORDER BY a.xact_start LIMIT 1",
      {job_.table});
  return rows && !rows->empty() ? rows->string(0, 0) : "nobody in particular";
}

// Somebody holds a row: a little later again, smaller; whoever holds it gets on with it. After a while he is named.
Status Job::give_way(const Error& error) {
  if (!waited_) waited_.emplace();
  size_.met_a_lock();
  TRY(tell(0));
  const auto seconds = waited_->seconds();
  if (seconds > settings_.lock_deadline_s) {
    return tl::unexpected(
        Error{"lock-deadline",
              fmt::format("a row of {} was held for {}: {}", job_.table, duration_text(seconds), holders()),
              {},
              "nothing is lost; end that session, then run the same command again",
              error.sqlstate,
              Exit::stopped});
  }
  if (seconds - told_at_ > 1 && settings_.waits) settings_.waits(seconds, holders());
  if (seconds - told_at_ > 1) told_at_ = seconds;
  if (seconds < told_at_) told_at_ = 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return {};
}

// The row that is to blame is set aside, and the batch can be tried without it.
Status Job::pass_over(const std::string& stop, const Error& error) {
  const auto bad = TRY(find_bad_row(connection_, {left_, key_, range_.cursor, stop}));
  // Mended or locked meanwhile: once more, and not for ever.
  if (!bad && ++not_found_ > most_not_found) return tl::unexpected(error);
  if (!bad) return {};
  not_found_ = 0;
  if (key_.pages()) return tl::unexpected(bad->error);
  TRY(set_aside(connection_, job_, key_, settings_.step, *bad));
  left_ = without_set_aside(job_, key_, settings_.step);
  const auto count = TRY(count_failed(connection_, settings_.step));
  if (count.failed <= settings_.failed_rows + most_beyond) return {};
  Error many = bad->error;
  many.message = fmt::format("{} rows cannot be carried so far: {}", count.failed, bad->error.message);
  many.sqlstate = error.sqlstate;
  return tl::unexpected(many);
}

// Whether what stays behind is within the limit.
Status Job::judge() {
  const auto count = TRY(count_failed(connection_, settings_.step));
  if (count.failed <= settings_.failed_rows) return {};
  return failure("failed-rows",
                 fmt::format("{} {} cannot be carried, `limits.failed_rows` allows {}: {}", count.failed,
                             count.failed == 1 ? "row" : "rows", settings_.failed_rows, count.first),
                 "all others are carried; segue.failed_row lists these: mend them and run the same command again (or "
                 "segue retry-failed), or leave them as they are: segue accept-failed");
}

Result<std::int64_t> Job::pending() {
  const auto count = TRY(connection_.query(fmt::format("SELECT count(*) FROM {}{} WHERE {}", job_.table,
                                                       job_.from.empty() ? "" : ", " + job_.from, left_.pending)));
  return count.integer(0, 0);
}

Result<std::int64_t> Job::run() {
  range_ = TRY(take_range(connection_, settings_.step, settings_.epoch, TRY(bound())));
  // What failed in an earlier run may have been mended since.
  TRY(retry(connection_, job_, settings_.step));
  if (!key_.pages() && TRY(count_failed(connection_, settings_.step)).all() > 0) {
    left_ = without_set_aside(job_, key_, settings_.step);
  }
  for (int passes = 0; passes < most_passes; ++passes) {
    if (!range_.done) {
      TRY(pass());
      TRY(finish(connection_, range_));
      range_.done = true;
    }
    if (job_.one_pass || TRY(pending()) == 0) {
      TRY(judge());
      return range_.rows;
    }
    TRY(restart(connection_, range_, TRY(bound())));
  }
  return failure(
      "backfill-does-not-end",
      fmt::format("after {} passes there are still rows to be changed: somebody writes them as they were", most_passes),
      "look which rows are pending: " + job_.pending, job_.table);
}

}  // namespace

Result<std::int64_t> run(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings) {
  // A lost commit takes its cursor with it, so the ledger and the rows always agree; the flush follows with the step.
  TRY(connection.script("SET synchronous_commit = off; SET lock_timeout = '40ms'; SET statement_timeout = '5s'"));
  auto key = TRY(find_key(connection, job.table));
  Job one(connection, job, settings, std::move(key));
  auto rows = one.run();
  if (!connection.lost()) {
    TRY(connection.script("RESET synchronous_commit; RESET lock_timeout; RESET statement_timeout"));
  }
  return rows;
}

}  // namespace segue::backfill
