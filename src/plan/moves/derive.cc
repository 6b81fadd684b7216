#include "plan/moves/derive.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "pg/quote.h"

namespace segue::plan {

SyncTrigger derive_trigger(const Table& table, const std::vector<std::string>& columns,
                           const migration::BackfillMove& move) {
  SyncTrigger sync;
  sync.name = "~segue_out";
  // Long names are cut, and `a` + `b_c` reads as `a_b` + `c`: a few digits of what is meant keep them apart.
  const auto mark = fingerprint_of(table.quoted() + "." + columns.front()).substr(0, 8);
  const auto cut = [](const std::string& name) {
    return name.substr(0, pg::fit_name(name + std::string(9, ' ')).size() > 54 ? 54 : name.size());
  };
  const auto function =
      pg::quote_name(table.schema, pg::fit_name(cut("segue_sync_" + table.name + "_" + columns.front())) + "_" + mark);
  const auto trigger = pg::quote_name(pg::fit_name(cut(sync.name + "_" + columns.front())) + "_" + mark);
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
  sync.create = {fmt::format("CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql SET search_path = {}, public, "
                             "pg_temp AS $segue$\nBEGIN\n  BEGIN\n{}  EXCEPTION WHEN "
                             "others THEN\n{}  END;\n  RETURN NEW;\nEND\n$segue$",
                             function, pg::quote_name(table.schema), guarded, nulls),
                 fmt::format("CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION {}()",
                             trigger, table.quoted(), function)};
  sync.drop = {fmt::format("DROP TRIGGER {} ON {}", trigger, table.quoted()),
               fmt::format("DROP FUNCTION {}()", function)};
  return sync;
}

}  // namespace segue::plan
