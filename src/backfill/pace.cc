#include "backfill/pace.h"

#include <algorithm>

namespace segue::backfill {
namespace {

constexpr double window_s = 10, least_window_s = 0.5;

}  // namespace

void Pace::note(double now, std::int64_t rows, double share, bool held) {
  if (now_ >= 0 && !held) worked_ += now - now_;
  now_ = now;
  const Point point{worked_, rows, share};
  // Another pass begins anew.
  if (first_.at < 0 || share < points_.back().share) {
    first_ = point;
    points_.clear();
  }
  if (!points_.empty() && points_.back().at == worked_) points_.pop_back();
  points_.push_back(point);
  while (points_.size() > 2 && worked_ - points_.front().at > window_s) points_.pop_front();
}

double Pace::rows_per_second() const {
  if (points_.size() < 2) return 0;
  const auto& from = points_.front();
  const auto& to = points_.back();
  return to.at > from.at ? static_cast<double>(to.rows - from.rows) / (to.at - from.at) : 0;
}

double Pace::left(const Point& since) const {
  if (points_.empty()) return 0;
  const auto& to = points_.back();
  const double took = to.at - since.at, done = to.share - since.share;
  return took < least_window_s || done <= 0 ? 0 : (1 - to.share) * took / done;
}

double Pace::least_s() const {
  return points_.empty() ? 0 : std::min(left(points_.front()), left(first_));
}

double Pace::most_s() const {
  return points_.empty() ? 0 : std::max(left(points_.front()), left(first_));
}

}  // namespace segue::backfill
