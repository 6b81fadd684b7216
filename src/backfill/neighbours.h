// Others at work on the same database: the workers take only so much that these do not feel it.
//
// Where nobody else does anything there is nothing to look at. Else a canary measures what a small transaction costs,
// and what the workers may take follows from that.
#pragma once

#include <optional>
#include <string>

#include "backfill/backfill.h"
#include "backfill/canary.h"
#include "backfill/crew.h"
#include "backfill/power.h"

namespace segue::backfill {

class Neighbours {
 public:
  Neighbours(const Settings& settings, Crew& crew) : settings_(settings), crew_(crew) {}

  // Often. Tells the crew how much it may take, of so many workers at most; all where it is not `asked`.
  Status look(pg::Connection& connection, bool asked, int most_workers);

  // Why the workers are slower than they could be; empty: they are not.
  std::string slowed() const;

 private:
  Result<bool> others_work(pg::Connection& connection);
  void leave_alone(int most_workers);

  const Settings& settings_;
  Crew& crew_;
  std::optional<Canary> canary_;
  Power power_;
  Stopwatch watch_;
  double asked_at_ = -1, worked_at_ = -1, judged_at_ = 0, again_at_ = 0;
  bool others_ = false;
};

}  // namespace segue::backfill
