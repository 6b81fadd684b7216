#include "engine/locks.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "base/clock.h"
#include "base/text.h"
#include "ledger/event.h"

namespace segue::engine {
namespace {

struct Wanted {
  std::int64_t oid = 0;
  std::string table;
  std::string mode;
};

// In the order of their oids, which is the same for everybody who does it. A table that is to be locked twice gets the
// stronger mode.
Result<std::vector<Wanted>> in_order(pg::Connection& connection, const std::vector<plan::LockOn>& locks) {
  std::map<std::string, std::string> strongest;
  for (const auto& lock : locks) {
    auto& mode = strongest[lock.table];
    if (plan::is_weaker(mode, lock.mode)) mode = lock.mode;
  }
  std::vector<Wanted> wanted;
  for (const auto& [table, mode] : strongest) {
    const auto found = TRY(connection.query("SELECT to_regclass($1)::oid::bigint", {table}));
    if (found.is_null(0, 0))
      continue;  // a view of the user's that an earlier statement made, or gone: the statement says so
    wanted.push_back({found.integer(0, 0), table, mode});
  }
  std::sort(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.oid < b.oid; });
  return wanted;
}

std::vector<std::string> locking(const std::vector<Wanted>& wanted, int wait_ms) {
  std::vector<std::string> sql;
  if (wait_ms > 0) sql.push_back(fmt::format("SET LOCAL lock_timeout = '{}ms'", wait_ms));
  for (const auto& one : wanted) {
    sql.push_back(fmt::format("LOCK TABLE {} IN {} MODE{}", one.table, one.mode, wait_ms > 0 ? "" : " NOWAIT"));
  }
  return sql;
}

// Who holds, on one of these tables, what does not go together with what we want; told by another session.
std::string blockers(Work& work, const std::vector<Wanted>& wanted) {
  std::string oids;
  for (const auto& one : wanted) oids += fmt::format("{}{}", oids.empty() ? "" : ",", one.oid);
  const auto rows = work.observer.query(fmt::format(
      "SELECT DISTINCT a.pid::text, coalesce(a.usename, '?'), coalesce(nullif(a.application_name, ''), '?'), "
      "coalesce(extract(epoch FROM clock_timestamp() - a.xact_start)::int, 0)::text, coalesce(a.state, "
      "a.backend_type), "
      "left(regexp_replace(coalesce(a.query, ''), '\\s+', ' ', 'g'), 80) FROM pg_locks l JOIN pg_stat_activity a USING "
      "(pid) WHERE "
      "l.granted AND l.locktype = 'relation' AND l.relation IN ({}) AND l.pid NOT IN ({}, pg_backend_pid()) ORDER BY 4 "
      "DESC LIMIT 3",
      oids, work.connection.backend_pid()));
  if (!rows || rows->empty()) return "nobody in particular: many short transactions";
  std::vector<std::string> lines;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    lines.push_back(fmt::format("process {} ({}, {}), {} for {} s: {}", rows->text(row, 0), rows->text(row, 1),
                                rows->text(row, 2), rows->text(row, 4), rows->text(row, 3), rows->text(row, 5)));
  }
  return join(lines, "; ");
}

// Ends who is in the way, because the person who runs this has said so: a statement is cancelled, a session that only
// sits in its transaction is ended. Never a vacuum that keeps the server from running out of transaction numbers.
void end_blockers(Work& work, const std::vector<Wanted>& wanted, const std::string& step) {
  std::string oids;
  for (const auto& one : wanted) oids += fmt::format("{}{}", oids.empty() ? "" : ",", one.oid);
  const auto rows =
      work.observer.query(fmt::format("SELECT DISTINCT a.pid::text, coalesce(a.usename, '?'), CASE WHEN a.state = "
                                      "'active' THEN pg_cancel_backend(a.pid) ELSE "
                                      "pg_terminate_backend(a.pid) END FROM pg_locks l JOIN pg_stat_activity a USING "
                                      "(pid) WHERE l.granted AND l.locktype = "
                                      "'relation' AND l.relation IN ({}) AND l.database = (SELECT oid FROM pg_database "
                                      "WHERE datname = current_database()) AND "
                                      "a.backend_type = 'client backend' AND a.application_name NOT LIKE 'segue%' AND "
                                      "a.xact_start < clock_timestamp() - {} * "
                                      "interval '1 second'",
                                      oids, work.end_blockers_after_s()));
  for (std::size_t row = 0; rows && row < rows->size(); ++row) {
    Event event;
    event.step = step;
    event.message =
        fmt::format("process {} ({}) was ended, as asked: it was in the way", rows->text(row, 0), rows->text(row, 1));
    work.tell(event);
    (void)ledger::add_event(work.observer, work.run.id, "warning", "blocker-ended", event.message);
  }
}

// How long to stand in the queue this time: mostly not at all. One try in the queue takes at most a hundredth of the
// time.
int queue_ms(double waited_s, double queued_ms, int limit_ms) {
  if (waited_s < 2) return 0;
  const int step = waited_s < 5 ? 10 : waited_s < 15 ? 30 : limit_ms;
  const int next = std::min(step, limit_ms);
  return queued_ms + next <= waited_s * 1000 / 100 ? next : 0;
}

}  // namespace

Result<LockWait> under_locks(Work& work, const std::vector<plan::LockOn>& locks, const std::string& step,
                             const Attempt& attempt) {
  const auto wanted = TRY(in_order(work.connection, locks));
  const Stopwatch waited;
  LockWait wait;
  double queued_ms = 0, told_at = 0;
  for (;;) {
    ++wait.tries;
    const int in_queue = queue_ms(waited.seconds(), queued_ms, work.plan.lock_wait_ms);
    const Stopwatch once;
    bool had_locks = false;
    const auto done = attempt(locking(wanted, in_queue), had_locks);
    if (in_queue > 0) {
      const auto queued = std::min(once.seconds() * 1000, static_cast<double>(in_queue));
      queued_ms += queued;
      wait.longest_ms = std::max(wait.longest_ms, queued);
    }
    if (done) return wait;
    if (had_locks) return tl::unexpected(done.error());
    const auto& sqlstate = done.error().sqlstate;
    if (sqlstate != "55P03" && sqlstate != "40P01") return tl::unexpected(done.error());
    if (work.asked_to_stop()) return tl::unexpected(work.stopped());
    if (waited.seconds() > work.plan.lock_deadline_s) {
      return tl::unexpected(
          Error{"lock-deadline",
                fmt::format("no lock within {}: {}", duration_text(work.plan.lock_deadline_s), blockers(work, wanted)),
                wanted.empty() ? step : wanted.front().table,
                "nothing was changed and nobody was kept waiting; end these sessions, then run the "
                "same command again",
                "55P03", Exit::stopped});
    }
    if (waited.seconds() - told_at > 1) {
      told_at = waited.seconds();
      Event event;
      event.kind = Event::Kind::lock_wait;
      event.step = step;
      event.message = blockers(work, wanted);
      event.seconds = waited.seconds();
      work.tell(event);
    }
    const int end_after = work.end_blockers_after_s();
    if (end_after > 0 && waited.seconds() > end_after) end_blockers(work, wanted, step);
    // A little irregular, so that we do not beat with somebody's loop.
    std::this_thread::sleep_for(std::chrono::milliseconds(5 + wait.tries * 7 % 20));
  }
}

}  // namespace segue::engine
