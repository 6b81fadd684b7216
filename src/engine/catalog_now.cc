#include "engine/catalog_now.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "catalog/fingerprint.h"

namespace segue::engine {
namespace {

std::string holders(Work& work) {
  const auto rows = work.observer.query(
      "SELECT DISTINCT format('process %s (%s, %s) holds %s', a.pid, coalesce(a.usename, '?'), "
      "coalesce(nullif(a.application_name, ''), '?'), l.relation::regclass) FROM pg_locks l JOIN pg_stat_activity a "
      "USING (pid) WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND l.locktype = 'relation' AND l.database = "
      "(SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 3");
  if (!rows || rows->empty()) return "somebody who has let go meanwhile";
  std::vector<std::string> lines;
  for (std::size_t row = 0; row < rows->size(); ++row) lines.push_back(rows->string(row, 0));
  return join(lines, "; ");
}

}  // namespace

Result<std::string> catalog_now(Work& work) {
  const Stopwatch waited;
  for (;;) {
    TRY(work.connection.execute("SET lock_timeout = '500ms'"));
    auto found = catalog::fingerprint_now(work.connection);
    if (work.connection.lost()) return found;
    TRY(work.connection.execute("SET lock_timeout = 0"));
    if (found || found.error().sqlstate != "55P03") return found;
    if (work.asked_to_stop()) return tl::unexpected(work.stopped());
    const auto who = holders(work);
    if (waited.seconds() > work.plan.lock_deadline_s) {
      return tl::unexpected(Error{
          "lock-deadline",
          fmt::format("the catalog could not be read within {}: {}", duration_text(work.plan.lock_deadline_s), who),
          {},
          "end these sessions, then run the same command again",
          "55P03",
          Exit::stopped});
    }
    Event event;
    event.kind = Event::Kind::lock_wait;
    event.message = who;
    event.seconds = waited.seconds();
    work.tell(event);
  }
}

}  // namespace segue::engine
