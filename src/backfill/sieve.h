// Takes out of a batch what cannot be carried: the row that is to blame is found and set aside, and the rest goes on.
#pragma once

#include <string>
#include <vector>

#include "backfill/backfill.h"
#include "backfill/bad_row.h"
#include "backfill/crew.h"

namespace segue::backfill {

class Sieve {
 public:
  Sieve(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings, const Walk& walk,
        Crew& crew)
      : connection_(connection), job_(job), settings_(settings), walk_(walk), crew_(crew) {}

  // Without the rows that are set aside.
  plan::BackfillJob job() const;

  // True: a row between the two was to blame, and is set aside. Far more of them than the limit allows are an error:
  // then something else is wrong. So is a bad row where no key could find it again.
  Result<bool> take_one(const std::optional<std::string>& after, const std::string& stop, Search how);

 private:
  Status read_types();

  pg::Connection& connection_;
  const plan::BackfillJob& job_;
  const Settings& settings_;
  const Walk& walk_;
  Crew& crew_;
  std::vector<std::string> types_;  // of the columns that are set
};

}  // namespace segue::backfill
