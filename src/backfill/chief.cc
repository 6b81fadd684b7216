#include "backfill/chief.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "backfill/worker.h"

namespace segue::backfill {
namespace {

constexpr double look_every_s = 0.25;
constexpr double carrying_part = 0.9;                       // of the whole way; the rest is the comparison
constexpr double vacuum_every = 0.33, vacuum_until = 0.95;  // of the carrying
constexpr int usual_workers = 2, most_workers = 64;
constexpr int most_refused = 10;

// Gives way at once where somebody holds the table; never cuts its end off, because that takes a strong lock. Indexes
// are left to the server's own vacuum: only the room in the pages matters here. What fails costs room alone.
void vacuum(const std::function<Result<pg::Connection>()>& open, const std::string& table, bool gently) {
  auto session = open();
  if (!session) return;
  (void)session->script(std::string("SET lock_timeout = '40ms'; SET vacuum_cost_delay = ") + (gently ? "'5ms'" : "0"));
  (void)session->execute("VACUUM (TRUNCATE false, INDEX_CLEANUP off, SKIP_LOCKED) " + table);
}

}  // namespace

// A worker in a thread of its own.
struct Chief::Hand {
  int number = 0;
  std::atomic<bool> ended{false};
  std::optional<Error> no_session;
  std::thread thread;
};

Chief::Chief(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings, const Walk& walk,
             Crew& crew)
    : connection_(connection),
      job_(job),
      settings_(settings),
      walk_(walk),
      crew_(crew),
      throttle_(job.table),
      neighbours_(settings, crew) {
  crew_.target_ms = settings.target_ms;
}

void Chief::tune() {
  if (settings_.tuning) tuning_ = settings_.tuning();
  crew_.cap = tuning_.batch > 0 ? tuning_.batch : job_.batch;
  most_workers_ = alone_ ? 1 : std::clamp(tuning_.workers > 0 ? tuning_.workers : usual_workers, 1, most_workers);
}

// Of all that is to be done: the comparison is the last part of it. It never goes back, however often ranges are looked
// at again. 0 where the only range cannot be measured.
double Chief::whole_share() {
  part_ = crew_.share();
  const bool measured = walk_.pages() || walk_.key().integer || crew_.ranges() > 1;
  if (!measured && part_ < 1) return 0;
  const double share = job_.one_pass ? part_
                       : comparing_  ? carrying_part + (1 - carrying_part) * part_
                                     : carrying_part * part_;
  share_ = std::max(share_, share);
  return share_;
}

Status Chief::tell(const std::string& held) {
  const double share = whole_share();
  pace_.note(watch_.seconds(), crew_.rows(), share, !held.empty());
  if (!settings_.go_on) return {};
  Progress progress;
  progress.rows = crew_.rows();
  progress.share = share;
  progress.rows_per_second = pace_.rows_per_second();
  progress.least_s = pace_.least_s();
  progress.most_s = pace_.most_s();
  progress.batch = crew_.batch;
  progress.workers = crew_.wanted;
  progress.comparing = comparing_;
  progress.held = held;
  progress.slowed = neighbours_.slowed();
  if (settings_.go_on(progress)) return {};
  crew_.stop = true;
  return tl::unexpected(
      Error{"stopped", "stopped, as asked", job_.table, "run the same command again to go on", {}, Exit::stopped});
}

// Between batches: who waits for whom, what the signals say, what somebody has set.
Status Chief::look() {
  if (const double now = watch_.seconds(); now - looked_at_ >= look_every_s) {
    looked_at_ = now;
    tune();
    held_ = TRY(throttle_.look(connection_, tuning_));
    crew_.hold = !held_.empty();
    for (; named_ < throttle_.left_out().size(); ++named_) {
      if (settings_.note) settings_.note("not-looked-at", "not looked at, " + throttle_.left_out()[named_]);
    }
  }
  TRY(neighbours_.look(connection_, tuning_.throttle, most_workers_));
  const double waited = crew_.longest_wait();
  if (waited < told_wait_) told_wait_ = 0;
  if (waited - told_wait_ > 1 && settings_.waits) {
    told_wait_ = waited;
    settings_.waits(waited, holders(connection_, job_.table));
  }
  return tell(held_);
}

// What a batch leaves behind is used again by the next ones, so that a large table does not double. Small ones, which
// one worker carries, are not worth it.
void Chief::make_room() {
  if (comparing_ || part_ - vacuumed_at_ < vacuum_every || part_ > vacuum_until) return;
  if (vacuum_.valid() && vacuum_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  vacuumed_at_ = part_;
  vacuum_ =
      std::async(std::launch::async, [this, gently = crew_.duty < 1] { vacuum(settings_.open, job_.table, gently); });
}

// In a thread: a session, and ranges as long as there are any.
void Chief::hand_works(Hand& hand) {
  auto session = settings_.open();
  if (session) {
    if (const auto ready = prepare_session(*session, settings_.silent); !ready) session = tl::unexpected(ready.error());
  }
  if (session) {
    (void)Worker(*session, job_, settings_, walk_, crew_, hand.number, true, [] { return Status(); }).run();
  } else {
    hand.no_session = session.error();
  }
  hand.ended = true;
}

// Where the server gives no session, those that are there go on; without any it is an error.
void Chief::bury(const Hand& hand, std::size_t others) {
  if (!hand.no_session || ++refused_ < most_refused) return;
  if (others == 0) return crew_.fail(*hand.no_session);
  at_most_ = static_cast<int>(others);
  if (settings_.note)
    settings_.note("fewer-workers", fmt::format("no session for a further worker: {}", hand.no_session->message));
}

Status Chief::in_threads() {
  std::vector<std::unique_ptr<Hand>> hands;
  const auto is_there = [&](int number) {
    return std::any_of(hands.begin(), hands.end(), [&](const auto& hand) { return hand->number == number; });
  };
  Status looked;
  while (true) {
    for (auto hand = hands.begin(); hand != hands.end();) {
      if (!(*hand)->ended) {
        ++hand;
        continue;
      }
      (*hand)->thread.join();
      bury(**hand, hands.size() - 1);
      hand = hands.erase(hand);
    }
    for (int number = 0; number < std::min<int>(crew_.wanted, at_most_) && !crew_.stop && crew_.left() > 0; ++number) {
      if (is_there(number)) continue;
      hands.push_back(std::make_unique<Hand>());
      hands.back()->number = number;
      hands.back()->thread = std::thread([this, hand = hands.back().get()] { hand_works(*hand); });
    }
    if (hands.empty()) break;
    if (looked) looked = look();
    if (!looked) crew_.stop = true;
    make_room();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  if (vacuum_.valid()) vacuum_.wait();
  if (!looked) return looked;
  return tell("");
}

Status Chief::work(bool comparing) {
  comparing_ = comparing;
  alone_ = !settings_.open || crew_.left() < 2;
  tune();
  TRY(neighbours_.look(connection_, tuning_.throttle, most_workers_));
  if (alone_) {
    TRY(Worker(connection_, job_, settings_, walk_, crew_, 0, false, [this] { return look(); }).run());
    TRY(tell(""));
  } else if (const auto done = in_threads(); !done && !crew_.error()) {
    return done;
  }
  if (const auto error = crew_.error()) return tl::unexpected(*error);
  return {};
}

}  // namespace segue::backfill
