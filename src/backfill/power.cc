#include "backfill/power.h"

#include <algorithm>
#include <cmath>

namespace segue::backfill {
namespace {

constexpr std::size_t enough = 30;
constexpr double one_in = 20, allowed = 1.2, slack_ms = 0.1;
constexpr double least = 0.02, most = 0.95, too_little = 0.3;
constexpr double rises = 1.003, rises_without_us = 1.02;  // a time
constexpr double grows = 0.25;                            // of the way, each time
constexpr int often_enough = 8;                           // before another worker joins

double most_of(std::vector<double>& taken) {
  std::sort(taken.begin(), taken.end());
  const auto place = static_cast<std::size_t>(std::ceil(static_cast<double>(taken.size()) * (1 - 1 / one_in)));
  return taken[std::min(taken.size(), std::max<std::size_t>(place, 1)) - 1];
}

// The part that takes longer.
double longer(const std::vector<double>& sorted, double ms) {
  const auto from = std::upper_bound(sorted.begin(), sorted.end(), ms);
  return static_cast<double>(sorted.end() - from) / static_cast<double>(sorted.size());
}

}  // namespace

bool Power::judge(Taken taken, int most_workers) {
  if (taken.beside_rest.size() < enough || taken.beside_work.size() < enough) return false;
  // What is left behind of the work makes the rests slow as well: what the others are used to rises only slowly, unless
  // there is hardly any work to be blamed.
  const double rest_ms = most_of(taken.beside_rest);
  rest_ms_ = rest_ms_ == 0 ? rest_ms : std::min(rest_ms, rest_ms_ * (duty_ > 2 * least ? rises : rises_without_us));
  work_ms_ = most_of(taken.beside_work);
  const double limit = std::max(rest_ms_ * allowed, rest_ms_ + slack_ms);
  const double at_work = longer(taken.beside_work, limit), at_rest = longer(taken.beside_rest, limit);
  const double due = at_work <= 1 / one_in ? most : (1 / one_in - at_rest) / std::max(at_work - at_rest, 0.001);
  const double aim = std::clamp(due, least, most);
  duty_ = aim < duty_ ? aim : duty_ + (aim - duty_) * grows;
  full_ = aim == most && duty_ > 0.8 * most ? full_ + 1 : 0;
  const int before = workers_;
  if (full_ >= often_enough && workers_ < most_workers) {
    workers_++;
    duty_ *= static_cast<double>(before) / workers_;
  } else if (workers_ > most_workers || (workers_ > 1 && duty_ < too_little)) {
    workers_--;
    duty_ = std::min(most, duty_ * before / workers_);
  }
  if (workers_ != before) full_ = 0;
  return workers_ != before;
}

}  // namespace segue::backfill
