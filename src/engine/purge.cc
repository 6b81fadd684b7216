#include "engine/purge.h"

#include <fmt/format.h>

#include "engine/perform.h"
#include "pg/quote.h"
#include "plan/actions.h"

namespace segue::engine {
namespace {

Status refuse_early(Work& work) {
  const auto rows = TRY(work.connection.query(
      "SELECT extract(epoch FROM finished_at + $2 * interval '1 second' - now())::bigint, (finished_at + $2 * interval "
      "'1 second')::timestamptz(0)::text FROM segue.migration_history WHERE id = $1",
      {work.run.id, work.plan.trash_seconds}));
  if (rows.integer(0, 0) <= 0) return {};
  return tl::unexpected(
      Error{"waiting",
            fmt::format("the trash is kept until {}", rows.string(0, 1)),
            {},
            fmt::format("until then segue restore {} gives back what the contract removed", work.run.migration),
            {},
            Exit::waiting});
}

plan::Action emptied(const plan::Trash& one) {
  if (!one.column.empty()) return plan::alter(one.table, {"DROP COLUMN IF EXISTS " + pg::quote_name(one.column)});
  const std::vector<plan::LockOn> locks = {{one.table, "ACCESS EXCLUSIVE"}};
  if (one.archive.empty()) return plan::transaction({"DROP TABLE " + one.table}, locks);
  auto sql = plan::own_schema(plan::archive_schema);
  const auto archived = pg::quote_name(one.archive);
  sql.push_back(fmt::format("ALTER TABLE {} RENAME TO {}", one.table, archived));
  sql.push_back(fmt::format("ALTER TABLE {} SET SCHEMA {}", pg::quote_name(plan::trash_schema, one.archive),
                            plan::archive_schema));
  return plan::transaction(sql, locks);
}

}  // namespace

Status purge(const Options& options, const std::string& migration) {
  auto work = TRY(Work::begin(options, migration));
  const auto run = TRY(ledger::newest_run(work->connection, migration));
  if (!run || run->state != "contracted") {
    return usage_error(fmt::format("'{}' is not contracted: there is nothing to purge", migration),
                       "segue status tells where it stands");
  }
  TRY(work->use(*run));
  TRY(refuse_early(*work));
  const plan::Step step;
  for (const auto& one : work->plan.trash) {
    if (work->asked_to_stop()) return tl::unexpected(work->stopped());
    const auto action = emptied(one);
    TRY(perform(*work, action, step, 0, no_journal, Missing::is_fine));
    TRY(work->log("info", "purged", plan::sql_text(action)));
  }
  TRY(work->log("info", "purged", "the way back is closed"));
  return ledger::finish(work->connection, run->id, "purged");
}

}  // namespace segue::engine
