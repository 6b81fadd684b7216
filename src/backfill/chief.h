// Who looks after the workers: tells how far it is, lets them hold still, changes their number, makes room.
#pragma once

#include <future>
#include <string>

#include "backfill/backfill.h"
#include "backfill/crew.h"
#include "backfill/neighbours.h"
#include "backfill/pace.h"
#include "backfill/throttle.h"

namespace segue::backfill {

class Chief {
 public:
  Chief(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings, const Walk& walk,
        Crew& crew);

  // Does what was given to the crew. In this thread with this session where that is enough.
  Status work(bool comparing);

 private:
  struct Hand;
  Status in_threads();
  void hand_works(Hand& hand);
  void bury(const Hand& hand, std::size_t others);
  Status look();  // often
  void tune();
  Status tell(const std::string& held);
  double whole_share();
  void make_room();

  pg::Connection& connection_;
  const plan::BackfillJob& job_;
  const Settings& settings_;
  const Walk& walk_;
  Crew& crew_;
  Throttle throttle_;
  Neighbours neighbours_;
  Pace pace_;
  Stopwatch watch_;
  Tuning tuning_;
  int most_workers_ = 1;
  std::string held_;
  bool alone_ = false;  // one worker, in this thread
  bool comparing_ = false;
  double part_ = 0;   // of what is being done now
  double share_ = 0;  // of the whole way
  double vacuumed_at_ = 0;
  double looked_at_ = -1, told_wait_ = 0;
  std::future<void> vacuum_;
  int refused_ = 0;        // sessions that the server would not give
  int at_most_ = 1000;     // workers, therefore
  std::size_t named_ = 0;  // signals that were named as left out
};

}  // namespace segue::backfill
