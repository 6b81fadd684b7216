#include "backfill/make_room.h"

namespace segue::backfill {

void MakeRoom::run(double share) {
  last_ = share;
  auto session = open_();
  if (!session) return;
  // Indexes are left to the server's own vacuum: only the room in the pages matters here. What fails costs room alone.
  (void)session->script("SET lock_timeout = '40ms'; SET vacuum_cost_delay = 0");
  (void)session->execute("VACUUM (TRUNCATE false, INDEX_CLEANUP off, SKIP_LOCKED) " + table_);
}

}  // namespace segue::backfill
