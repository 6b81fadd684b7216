#include "plan/moves/sync.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "pg/quote.h"

namespace segue::plan {
namespace {

constexpr std::size_t room_for_mark = 9;

// Long names are cut, and `a` + `b_c` reads as `a_b` + `c`: a few digits of what is meant keep them apart.
std::string marked(const std::string& name, const std::string& meant) {
  const auto cut = pg::fit_name(name + std::string(room_for_mark, ' '));
  const auto kept = name.substr(0, std::min(name.size(), cut.size() - std::min(cut.size(), room_for_mark)));
  return kept + "_" + fingerprint_of(meant).substr(0, 8);
}

}  // namespace

SyncTrigger sync_trigger(const Table& table, const std::string& name, const std::string& column,
                         const std::string& declare, const std::string& body) {
  SyncTrigger sync;
  sync.name = name;
  const auto meant = table.quoted() + "." + column;
  const bool first = name.front() == '!';
  const auto function = pg::quote_name(
      table.schema, marked(std::string(first ? "segue_in_" : "segue_sync_") + table.name + "_" + column, meant));
  const auto trigger = pg::quote_name(marked(name + "_" + column, meant));
  sync.replace = fmt::format(
      "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql SET search_path = {}, pg_temp AS "
      "$segue$\n#variable_conflict use_column\n{}BEGIN\n{}  RETURN NEW;\nEND\n$segue$",
      function, table.search_path.empty() ? pg::quote_name(table.schema) : table.search_path, declare, body);
  auto create = sync.replace;
  create.erase(create.find(" OR REPLACE"), std::string(" OR REPLACE").size());
  sync.create = {
      create, fmt::format("CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION {}()", trigger,
                          table.quoted(), function)};
  sync.drop = {fmt::format("DROP TRIGGER {} ON {}", trigger, table.quoted()),
               fmt::format("DROP FUNCTION {}()", function)};
  return sync;
}

}  // namespace segue::plan
