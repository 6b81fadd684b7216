// How fast it goes and how long it will take, from what is done; time in which it held still does not count.
#pragma once

#include <cstdint>
#include <deque>

namespace segue::backfill {

class Pace {
 public:
  // At a time in seconds; `held` since the last call.
  void note(double now, std::int64_t rows, double share, bool held);

  double rows_per_second() const;
  // What is left takes between these, in seconds; 0 where it is not known yet.
  double least_s() const;
  double most_s() const;

 private:
  struct Point {
    double at;  // of working time
    std::int64_t rows;
    double share;
  };
  double left(const Point& since) const;

  std::deque<Point> points_;  // of late
  Point first_{-1, 0, 0};
  double now_ = -1, worked_ = 0;
};

}  // namespace segue::backfill
