#include "backfill/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "backfill/statement.h"
#include "base/text.h"

namespace segue::backfill {
namespace {

constexpr int most_not_found = 10;
constexpr double patience_s = 0.3;  // with a row that is held, before it is passed over and visited again
constexpr int most_reconnects = 10;
constexpr double cycle_s = 0.25, shortest_work_s = 0.01;  // of work and rest
constexpr int most_timeout_ms = 5000;
constexpr int of_comparison = -1;  // beside the numbers of turns

// Counted as long as it lives.
class AtWork {
 public:
  explicit AtWork(std::atomic<int>& count) : count_(count) { count_++; }
  ~AtWork() { count_--; }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;

 private:
  std::atomic<int>& count_;
};

void pause_ms(int ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

}  // namespace

Status prepare_session(pg::Connection& connection, bool silent) {
  // A lost commit takes its cursor with it, so the ledger and the rows always agree; the flush follows with the step.
  TRY(
      connection.script("SET synchronous_commit = off; SET lock_timeout = '40ms'; SET statement_timeout = '5s'; SET "
                        "segue.carries = 'yes'"));
  if (silent) TRY(connection.execute("SET session_replication_role = replica"));
  return {};
}

std::string holders(pg::Connection& connection, const std::string& table) {
  const auto rows = connection.query(
      "SELECT format('process %s (%s, %s), %s for %s s: %s', a.pid, coalesce(a.usename, '?'), "
      "coalesce(nullif(a.application_name, ''), '?'), a.state, extract(epoch FROM clock_timestamp() - "
      "a.xact_start)::int, left(regexp_replace(coalesce(a.query, ''), '\\s+', ' ', 'g'), 80)) FROM pg_locks l JOIN "
      "pg_stat_activity a USING (pid) WHERE l.granted AND l.locktype = 'relation' AND l.relation = to_regclass($1) AND "
      "l.mode IN ('RowShareLock', 'RowExclusiveLock') AND a.application_name NOT LIKE 'segue%' ORDER BY a.xact_start "
      "LIMIT 1",
      {table});
  return rows && !rows->empty() ? rows->string(0, 0) : "nobody in particular";
}

Worker::Worker(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings, const Walk& walk,
               Crew& crew, int number, bool reconnects, std::function<Status()> between)
    : connection_(connection),
      job_(job),
      settings_(settings),
      walk_(walk),
      crew_(crew),
      sieve_(connection, job, settings, walk, crew),
      number_(number),
      reconnects_(reconnects),
      between_(std::move(between)),
      last_size_(settings.target_ms),
      usual_timeout_ms_(static_cast<int>(3 * settings.target_ms)),
      timeout_ms_(usual_timeout_ms_) {}

Status Worker::run() {
  while (!leaves()) {
    auto range = crew_.take();
    if (!range) return {};
    if (const auto done = carry(*range); !done) {
      crew_.fail(done.error());
      return done;
    }
  }
  return {};
}

// As long as all hold still; and all rest at the same time, so that it can be told what their work costs others.
Status Worker::rest() {
  const auto due = [&] {
    const double duty = crew_.duty, period = std::max(cycle_s, shortest_work_s / duty);
    return std::fmod(crew_.clock.seconds(), period) > period * duty;
  };
  while ((crew_.hold || (crew_.duty < 1 && due())) && !leaves()) {
    TRY(between_());
    pause_ms(crew_.hold ? 20 : 2);
  }
  return {};
}

// Whether it came to its end; else the worker leaves, and it is given back.
Result<bool> Worker::to_the_end(Range& range) {
  while (range.cursor != range.span.hi) {
    const bool comparing = range.state == "comparing";
    turn_ = comparing ? of_comparison : TRY(walk_.turn(range.after(), range.span.hi));
    size().cap(crew_.cap);
    size().target(crew_.target_ms);
    const auto stop = walk_.next(connection_, range.after(), range.span.hi, size().rows(), !comparing);
    if (stop) {
      cut_ = stop->cut;
      const AtWork at_work(crew_.at_work);
      TRY(batch(range, stop->position));
    } else {
      TRY(failed(range, range.span.hi, stop.error()));
    }
    last_size_ = size();
    crew_.batch = last_size_.rows();
    crew_.know(range);
    TRY(between_());
    TRY(rest());
    if (leaves()) return false;
  }
  return true;
}

Status Worker::carry(Range& range) {
  const bool comparing = range.state == "comparing";
  clean_ = true;
  skip_locked_ = false;
  while (true) {
    if (range.state == "pending") range.state = "running";
    if (!TRY(to_the_end(range))) {
      crew_.give_back(range);
      return {};
    }
    auto ended = range;
    ended.state = !comparing ? "done" : clean_ ? "right" : "comparing";
    if (comparing && !clean_) ended.cursor.reset();
    const auto noted = set_state(connection_, ended, settings_.epoch);
    if (noted) {
      crew_.know(ended);
      return {};
    }
    TRY(failed(range, range.span.hi, noted.error()));
  }
}

// One transaction, one round trip: the fence with the cursor, the rows. What is compared goes the same way: where every
// row is right nothing is written.
Status Worker::batch(Range& range, const std::string& stop) {
  if (crew_.some_failed && range.state != "comparing") {
    if (const auto looked = look_first(range, stop); !looked) return failed(range, stop, looked.error());
  }
  auto stretch = TRY(walk_.between(range.after(), stop));
  if (!stretch.turn.empty()) stretch.where += " AND " + stretch.turn;
  const auto sql = update_sql(range, stretch);
  const auto first = range.state == "comparing" ? std::string() : plan::lock_text(job_, stretch.where);
  pg::Pipeline pipeline(connection_);
  // However slow the machine is: nobody waits for longer than this for a row of ours.
  pipeline.add("BEGIN")
      .add(fmt::format("SET LOCAL statement_timeout = {}", timeout_ms_))
      .add(fence, {range.id, settings_.epoch, range.cursor, stop});
  if (!first.empty()) pipeline.add(first, stretch.values);
  pipeline.add(sql, stretch.values).add("COMMIT");
  const auto answers = pipeline.run();
  if (answers) return moved_on(range, stop, (*answers)[answers->size() - 2]);
  if (!connection_.lost()) connection_.rollback();
  return failed(range, stop, answers.error());
}

std::string Worker::update_sql(const Range& range, const Stretch& stretch) const {
  const auto job = sieve_.job();
  const bool over = skip_locked_ || (!job.from.empty() && range.state != "comparing");
  const auto which = plan::these_rows(job, stretch.where, over ? plan::Held::passed_over : plan::Held::waited_for);
  return fmt::format(
      "WITH u AS ({}) UPDATE segue.backfill_range SET rows = rows + (SELECT count(*) FROM u), worker = {} "
      "WHERE id = {} "
      "RETURNING rows, (extract(epoch FROM clock_timestamp() - now()) * 1000)::float8",
      plan::counted_text(job, which), number_, range.id);
}

Status Worker::moved_on(Range& range, const std::string& stop, const pg::Rows& answer) {
  const auto rows = answer.integer(0, 0);
  if (range.state == "comparing" && rows > range.rows) {
    clean_ = false;
    crew_.repaired += rows - range.rows;
  }
  range.rows = rows;
  range.cursor = stop;
  timeout_ms_ = usual_timeout_ms_;
  if (waited_) crew_.waits(0);
  waited_ = {};
  // By the server's clock: how far away it is does not make a batch smaller.
  size().took(answer.real(0, 1), cut_);
  return {};
}

Status Worker::failed(Range& range, const std::string& stop, const Error& error) {
  if (connection_.lost()) return reconnect(range, error);
  if (error.sqlstate == "22012" && error.message.find("zero") != std::string::npos) {
    const auto now = look_again(connection_, range.id, settings_.epoch);
    if (!now) return failed(range, stop, now.error());
    if (!*now) return tl::unexpected(not_ours());
    if ((*now)->cursor != range.cursor) {
      range = **now;  // a batch that we had given up was committed after all
      return {};
    }
  }
  if (is_about_a_row(error.sqlstate)) {
    auto passed = pass_over(range, stop, error);
    if (passed) return {};
    if (connection_.lost()) return reconnect(range, passed.error());
    if (!gives_way(passed.error().sqlstate)) return passed;
    return give_way(range, passed.error());
  }
  if (!gives_way(error.sqlstate)) return tl::unexpected(error);
  return give_way(range, error);
}

Error Worker::not_ours() const {
  return {"fenced",   "another runner has taken this backfill over",
          job_.table, "nothing is lost; this process ends",
          {},         Exit::stopped};
}

// Only the ledger knows whether the batch that was under way is committed.
Status Worker::reconnect(Range& range, const Error& lost) {
  Error last = lost;
  if (!reconnects_) return tl::unexpected(last);
  for (int tries = 0; tries < most_reconnects && !leaves(); ++tries) {
    auto again = settings_.open();
    if (again && prepare_session(*again, settings_.silent)) {
      connection_ = std::move(*again);
      const auto now = look_again(connection_, range.id, settings_.epoch);
      if (now && !*now) return tl::unexpected(not_ours());
      if (now) {
        range = **now;
        if (range.state == "pending") range.state = "running";
        return {};
      }
    }
    if (!again) last = again.error();
    pause_ms(300);
  }
  if (leaves()) return {};
  return tl::unexpected(last);
}

// Somebody holds a row: a little later again, smaller; whoever holds it gets on with it. After a moment the row is
// passed over where it is looked for again later; else, in the end, who holds it is named.
Status Worker::give_way(const Range& range, const Error& error) {
  if (!waited_) waited_.emplace();
  // What takes long however few rows there are: a trigger, an expression.
  if (error.sqlstate == "57014" && size().least()) timeout_ms_ = std::min(2 * timeout_ms_, most_timeout_ms);
  if (!skip_locked_) size().met_a_lock();
  const auto seconds = waited_->seconds();
  crew_.waits(seconds);
  // Once it was worth it, at once.
  if ((skips_ || seconds > patience_s) && !job_.one_pass && range.state != "comparing") skip_locked_ = skips_ = true;
  if (seconds > settings_.lock_deadline_s) {
    return tl::unexpected(Error{"lock-deadline",
                                fmt::format("a row of {} was held for {}: {}", job_.table, duration_text(seconds),
                                            holders(connection_, job_.table)),
                                {},
                                "nothing is lost; end that session, then run the same command again",
                                error.sqlstate,
                                Exit::stopped});
  }
  pause_ms(10);
  return {};
}

// Where one was bad there may be more: a batch that fails leaves its room behind, a question does not.
Status Worker::look_first(const Range& range, const std::string& stop) {
  while (TRY(sieve_.take_one(range.after(), stop, Search::asking))) {
    if (leaves()) return {};
  }
  return {};
}

// The row that is to blame is set aside, and the batch can be tried without it.
Status Worker::pass_over(const Range& range, const std::string& stop, const Error& error) {
  bool taken = TRY(sieve_.take_one(range.after(), stop, Search::asking));
  if (!taken && !size().few_enough()) {
    size().met_a_bad_row();
    return {};
  }
  if (!taken) taken = TRY(sieve_.take_one(range.after(), stop, Search::trying));
  if (taken) {
    not_found_ = 0;
    return {};
  }
  // Mended or locked meanwhile: once more, and not for ever.
  if (++not_found_ > most_not_found) return tl::unexpected(error);
  return {};
}

}  // namespace segue::backfill
