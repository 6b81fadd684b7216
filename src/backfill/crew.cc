#include "backfill/crew.h"

#include <algorithm>

namespace segue::backfill {

using Guard = std::lock_guard<std::mutex>;

void Crew::know(const Range& range) {
  const Guard guard(mutex_);
  const auto known = std::find_if(all_.begin(), all_.end(), [&](const auto& one) { return one.id == range.id; });
  if (known != all_.end()) {
    *known = range;
  } else {
    all_.push_back(range);
  }
}

void Crew::know(const std::vector<Range>& ranges) {
  for (const auto& range : ranges) know(range);
}

void Crew::give(const std::vector<Range>& ranges) {
  know(ranges);
  const Guard guard(mutex_);
  left_.assign(ranges.begin(), ranges.end());
}

std::optional<Range> Crew::take() {
  const Guard guard(mutex_);
  if (left_.empty()) return std::nullopt;
  auto range = std::move(left_.front());
  left_.pop_front();
  return range;
}

void Crew::give_back(const Range& range) {
  const Guard guard(mutex_);
  left_.push_front(range);
}

void Crew::fail(const Error& error) {
  const Guard guard(mutex_);
  if (!error_) error_ = error;
  stop = true;
}

std::optional<Error> Crew::error() const {
  const Guard guard(mutex_);
  return error_;
}

void Crew::waits(double seconds) {
  const Guard guard(mutex_);
  waiting_s_ = seconds;
}

double Crew::longest_wait() const {
  const Guard guard(mutex_);
  return waiting_s_;
}

double Crew::share() const {
  const Guard guard(mutex_);
  double whole = 0, behind = 0;
  for (const auto& range : all_) {
    const double weight = walk_.weight(range.span);
    const bool finished = range.state == "done" || range.state == "right";
    whole += weight;
    behind += weight * (finished ? 1 : walk_.share(range.span, range.cursor));
  }
  return whole > 0 ? behind / whole : 1;
}

std::int64_t Crew::rows() const {
  const Guard guard(mutex_);
  std::int64_t rows = 0;
  for (const auto& range : all_) rows += range.rows;
  return rows;
}

std::size_t Crew::ranges() const {
  const Guard guard(mutex_);
  return all_.size();
}

std::size_t Crew::left() const {
  const Guard guard(mutex_);
  return left_.size();
}

std::vector<Range> Crew::in_states(const std::vector<std::string>& states) const {
  const Guard guard(mutex_);
  std::vector<Range> found;
  for (const auto& range : all_) {
    if (std::find(states.begin(), states.end(), range.state) != states.end()) found.push_back(range);
  }
  return found;
}

}  // namespace segue::backfill
