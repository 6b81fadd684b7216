#include "backfill/canary.h"

#include <chrono>

#include "base/clock.h"

namespace segue::backfill {
namespace {

constexpr auto between = std::chrono::milliseconds(8);
constexpr std::size_t most_kept = 400;

void keep(std::deque<double>& taken, double ms) {
  taken.push_back(ms);
  if (taken.size() > most_kept) taken.pop_front();
}

}  // namespace

Canary::Canary(std::function<Result<pg::Connection>()> open, std::int64_t step, const std::atomic<int>& at_work)
    : open_(std::move(open)), step_(step), at_work_(at_work) {
  thread_ = std::thread([this] { sing(); });
}

Canary::~Canary() {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    stop_ = true;
  }
  wakes_.notify_all();
  thread_.join();
}

Taken Canary::taken() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return {{beside_work_.begin(), beside_work_.end()}, {beside_rest_.begin(), beside_rest_.end()}};
}

void Canary::forget_work() {
  const std::lock_guard<std::mutex> guard(mutex_);
  beside_work_.clear();
}

void Canary::sing() {
  auto session = open_();
  while (session) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      if (wakes_.wait_for(lock, between, [this] { return stop_; })) break;
    }
    const bool before = at_work_ > 0;
    const Stopwatch watch;
    // A row lock is written to the log, so its commit waits for the disk.
    if (!session->query("SELECT FROM segue.step WHERE id = $1 FOR KEY SHARE", {step_})) {
      if (session->lost()) break;
      session->rollback();
      continue;
    }
    const double ms = watch.seconds() * 1000;
    const bool after = at_work_ > 0;
    const std::lock_guard<std::mutex> guard(mutex_);
    keep(before || after ? beside_work_ : beside_rest_, ms);
  }
  ended_ = true;
}

}  // namespace segue::backfill
