#include "traffic/stall_watch.h"

#include <algorithm>
#include <set>

namespace segue::traffic {
namespace {

// Who of ours waits, since how many milliseconds, and everyone in the chains that they wait for. A blocker that is not
// in pg_stat_activity is a prepared transaction.
constexpr std::string_view look_sql = R"(
WITH RECURSIVE waiting AS (
  SELECT pid FROM pg_catalog.pg_stat_activity WHERE pid = ANY ($1::int[]) AND wait_event_type = 'Lock'
), chain(waiter, pid) AS (
  SELECT w.pid, b FROM waiting w, pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) b
  UNION
  SELECT c.waiter, b FROM chain c, pg_catalog.unnest(pg_catalog.pg_blocking_pids(c.pid)) b
)
SELECT c.waiter,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - min(l.waitstart)) * 1000
                 FROM pg_catalog.pg_locks l WHERE l.pid = c.waiter AND NOT l.granted), 0)::float8,
       coalesce(a.application_name, ''), coalesce(left(a.query, 300), '')
FROM chain c LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = c.pid)";

bool is_segue(std::string_view application) {
  return application.starts_with("segue") && !application.starts_with("segue traffic");
}

double milliseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

std::string int_array(const std::vector<Watched>& watched) {
  std::string text = "{";
  for (const auto& one : watched) text += (text.size() > 1 ? "," : "") + std::to_string(one.pid);
  return text + "}";
}

}  // namespace

StallWatch::StallWatch(pg::ConnectOptions options, std::function<std::vector<Watched>()> watched)
    : options_(std::move(options)), watched_(std::move(watched)) {}

StallWatch::~StallWatch() {
  stop();
}

Status StallWatch::start() {
  auto connection = TRY(pg::Connection::open(options_));
  TRY(connection.prepare("look", look_sql));
  TRY(look(connection));
  thread_ = std::jthread([this, held = std::move(connection)](const std::stop_token& stop) mutable {
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        pausing_.wait_for(lock, stop, interval, [] { return false; });
      }
      if (stop.stop_requested()) return;
      if (look(held)) continue;
      // The server went away; it may come back.
      auto again = pg::Connection::open(options_);
      if (again && again->prepare("look", look_sql)) held = std::move(*again);
    }
  });
  return {};
}

void StallWatch::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  const std::lock_guard lock(mutex_);
  for (const auto& [place, wait] : waits_) close(place.second, wait, Clock::now());
  waits_.clear();
}

Status StallWatch::look(pg::Connection& connection) {
  const auto watched = watched_();
  const auto rows = connection.run_prepared("look", {int_array(watched)});
  const auto now = Clock::now();
  if (!rows) return tl::unexpected(rows.error());

  // For each waiting backend: its wait, and one blocker; segue's if there is one.
  struct Seen {
    double ms = 0;
    std::string blocker, query;
  };
  std::map<std::pair<int, std::string>, Seen> seen;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const int pid = static_cast<int>(rows->integer(row, 0));
    const auto application = rows->string(row, 2);
    const bool ours = is_segue(application);
    if (!ours && seen.contains({pid, "segue"})) continue;
    if (ours) seen.erase({pid, "other"});
    seen[{pid, ours ? "segue" : "other"}] = {rows->real(row, 1), application, rows->string(row, 3)};
  }

  const std::lock_guard lock(mutex_);
  for (const auto& [place, what] : seen) {
    const auto began =
        now - std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(what.ms));
    auto found = waits_.find(place);
    // A wait that began after the last look at the backend's wait is another wait.
    if (found != waits_.end() && began > found->second.seen) {
      close(place.second, found->second, now);
      waits_.erase(found);
      found = waits_.end();
    }
    if (found == waits_.end()) {
      Wait wait;
      // Where another class blocked it first, this one cannot have begun before the look that did not show it.
      const bool switched = waits_.contains({place.first, place.second == "segue" ? "other" : "segue"});
      wait.since = switched ? std::max(began, last_look_) : began;
      const auto ours =
          std::find_if(watched.begin(), watched.end(), [&](const auto& one) { return one.pid == place.first; });
      if (ours != watched.end()) wait.statement = ours->statement;
      wait.blocker = what.blocker;
      wait.blocker_query = what.query;
      found = waits_.emplace(place, std::move(wait)).first;
    }
    found->second.seen = now;
  }
  for (auto wait = waits_.begin(); wait != waits_.end();) {
    if (seen.contains(wait->first)) {
      ++wait;
      continue;
    }
    close(wait->first.second, wait->second, now);
    wait = waits_.erase(wait);
  }
  last_look_ = now;
  return {};
}

void StallWatch::close(const std::string& blocked_by, const Wait& wait, Clock::time_point gone) {
  auto& stall = stalls_[blocked_by];
  stall.blocked_by = blocked_by;
  ++stall.count;
  stall.at_most_ms = std::max(stall.at_most_ms, milliseconds(gone - wait.since));
  const double length = milliseconds(wait.seen - wait.since);
  if (length < stall.longest_ms) return;
  stall.longest_ms = length;
  stall.statement = wait.statement;
  stall.blocker = wait.blocker;
  stall.blocker_query = wait.blocker_query;
}

std::vector<Stall> StallWatch::stalls() const {
  const std::lock_guard lock(mutex_);
  std::vector<Stall> found;
  found.reserve(stalls_.size());
  for (const auto& [_, stall] : stalls_) found.push_back(stall);
  return found;
}

double StallWatch::longest_ms(const std::string& blocked_by) const {
  const std::lock_guard lock(mutex_);
  double longest = 0;
  if (const auto found = stalls_.find(blocked_by); found != stalls_.end()) longest = found->second.longest_ms;
  for (const auto& [place, wait] : waits_) {
    if (place.second == blocked_by) longest = std::max(longest, milliseconds(wait.seen - wait.since));
  }
  return longest;
}

}  // namespace segue::traffic
