#include "engine/index_watch.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/clock.h"
#include "pg/own_session.h"

namespace segue::engine {
namespace {

constexpr auto look_every = std::chrono::milliseconds(250);

// One row where an index is being built: phase, share of it, rows so far, and who is waited for.
constexpr const char* progress_sql = R"sql(
SELECT p.phase, CASE WHEN p.blocks_total > 0 THEN p.blocks_done::float8 / p.blocks_total
                     WHEN p.tuples_total > 0 THEN p.tuples_done::float8 / p.tuples_total ELSE 0 END,
       p.tuples_done, p.tuples_total, p.lockers_total > p.lockers_done,
       coalesce(format('process %s (%s, %s), %s: %s', a.pid, a.usename, coalesce(nullif(a.application_name, ''), '?'), a.state,
                       left(regexp_replace(a.query, '\s+', ' ', 'g'), 80)), '')
FROM pg_stat_progress_create_index p LEFT JOIN pg_stat_activity a ON a.pid = p.current_locker_pid WHERE p.pid = $1)sql";

}  // namespace

struct IndexWatch::State {
  Work& work;
  const plan::Step& step;
  pg::Canceller canceller;
  std::mutex mutex;
  std::condition_variable wake;
  bool ending = false;
  std::thread thread;

  void look(pg::Connection& session, const Stopwatch& since) {
    const auto rows = session.query(progress_sql, {work.connection.backend_pid()});
    if (!rows || rows->empty()) return;
    Event event;
    event.step = step.id;
    event.phase = migration::text(step.phase);
    event.seconds = since.seconds();
    if (rows->boolean(0, 4) && !rows->string(0, 5).empty()) {
      event.kind = Event::Kind::lock_wait;
      event.message = rows->string(0, 5);
      // Nobody waits for us meanwhile, so once in a while is enough.
      if (told_at == 0 || event.seconds - told_at > 5) {
        told_at = event.seconds;
        work.tell(event);
      }
      return;
    }
    event.kind = Event::Kind::progress;
    event.title = fmt::format("{} ({})", plan::headline(step), rows->text(0, 0));
    event.share = std::stod(rows->string(0, 1));
    event.rows = rows->integer(0, 2);
    event.rows_total = rows->integer(0, 3);
    event.rate = event.seconds > 0 ? static_cast<double>(event.rows) / event.seconds : 0;
    work.tell(event);
  }

  void go() {
    auto session = pg::open_own_session(work.database(), "segue observer");
    const Stopwatch since;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, look_every, [&] { return ending; })) {
      if (work.asked_to_stop()) (void)canceller.cancel();
      if (session) look(*session, since);
    }
  }

  double told_at = 0;
};

IndexWatch::IndexWatch(Work& work, const plan::Step& step)
    : state_(new State{work, step, work.connection.canceller(), {}, {}, false, {}, 0}) {
  state_->thread = std::thread([state = state_.get()] { state->go(); });
}

IndexWatch::~IndexWatch() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->wake.notify_all();
  state_->thread.join();
}

}  // namespace segue::engine
