#include "plan/moves/derive.h"

#include <fmt/format.h>

#include "pg/quote.h"

namespace segue::plan {

SyncTrigger derive_trigger(const Table& table, const std::vector<std::string>& columns,
                           const migration::BackfillMove& move, int number) {
  // The expression speaks of the row by the table's column names; a subquery over NEW lets it stay as the user wrote
  // it.
  std::string values, targets, nulls;
  for (std::size_t at = 0; at < move.set.size(); ++at) {
    values += fmt::format("{}({})", at ? ", " : "", move.set[at].expression.value);
    targets += fmt::format("{}NEW.{}", at ? ", " : "", pg::quote_name(columns[at]));
    nulls += fmt::format("    NEW.{} := NULL;\n", pg::quote_name(columns[at]));
  }
  const auto where = move.where.empty() ? std::string() : fmt::format(" WHERE {}", move.where.value);
  const auto assign = fmt::format("    SELECT {} INTO {} FROM (SELECT NEW.*) AS {}{};\n", values, targets,
                                  pg::quote_name(table.name), where);
  // Where the row is outside of `where`, its columns stay what they are.
  const auto guarded =
      move.where.empty()
          ? assign
          : fmt::format("    IF EXISTS (SELECT FROM (SELECT NEW.*) AS {} WHERE {}) THEN\n  {}    END IF;\n",
                        pg::quote_name(table.name), move.where.value, assign);
  const auto body = fmt::format("  BEGIN\n{}  EXCEPTION WHEN others THEN\n{}  END;\n", guarded, nulls);
  return sync_trigger(table, fmt::format("~segue_out_{:02}", number), columns.front(), "", body);
}

}  // namespace segue::plan
