#include "engine/verify.h"

#include <fmt/format.h>

#include "catalog/fingerprint.h"
#include "engine/boundary.h"
#include "engine/work.h"
#include "ledger/schema.h"

namespace segue::engine {
namespace {

Result<proof::CheckResult> drift(Work& work, const std::string& name, const std::string& expected) {
  proof::CheckResult result;
  result.name = "the catalog is as segue left it";
  result.phase = name;
  result.expected = expected;
  result.actual = TRY(catalog::fingerprint_now(work.connection));
  result.ok = result.expected == result.actual;
  return result;
}

}  // namespace

Result<std::vector<proof::CheckResult>> verify(const std::string& database, const std::string& migration) {
  auto work = TRY(Work::look({.database = database, .listener = {}, .stop = nullptr}));
  const tl::unexpected<Error> never =
      usage_error("nothing was run on this database yet", "segue plan shows what would be");
  if (!TRY(ledger::exists(work->connection))) return never;
  const auto run = TRY(ledger::newest_run(work->connection, migration));
  if (!run) return never;
  TRY(work->use(*run));
  if (run->state == "rolled_back") {
    return std::vector<proof::CheckResult>{TRY(drift(*work, "after the rollback", run->catalog_before))};
  }
  std::vector<proof::CheckResult> results;
  if (run->completed.empty()) return results;
  // Grace has no checks of its own: those of the switch go on holding.
  results = TRY(look_at_checks(*work, "after " + (run->completed == "grace" ? std::string("switch") : run->completed)));
  const auto stored = TRY(work->connection.query("SELECT value FROM segue.baseline WHERE run_id = $1 AND name = $2",
                                                 {run->id, "catalog after " + run->completed}));
  if (!stored.empty()) results.push_back(TRY(drift(*work, "after " + run->completed, stored.string(0, 0))));
  return results;
}

}  // namespace segue::engine
