// How much of the machine the workers may take beside others: by what a small transaction costs while they work and
// while they rest.
//
// What nineteen in twenty take at most while the workers rest is what the others are used to. Of all, with the workers'
// part of the time counted as such, no more than one in twenty may take a fifth longer than that. From this follows the
// part of the time that they may work, and whether another worker may join them. It is never nothing, because a
// backfill has to end, and never all, because without a rest nobody would know.
#pragma once

#include "backfill/canary.h"

namespace segue::backfill {

class Power {
 public:
  // Once in a while, at most so many workers. True: their number has changed.
  bool judge(Taken taken, int most_workers);

  int workers() const { return workers_; }
  double duty() const { return duty_; }  // the part of its time that each works
  // What nineteen in twenty took at most, in milliseconds; 0: not known yet.
  double work_ms() const { return work_ms_; }
  double rest_ms() const { return rest_ms_; }

 private:
  int workers_ = 1;
  double duty_ = 0.25;
  int full_ = 0;  // how often in a row nothing spoke against all of the time
  double work_ms_ = 0, rest_ms_ = 0;
};

}  // namespace segue::backfill
