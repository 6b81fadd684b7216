#include "plan/moves/sync.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "pg/quote.h"

namespace segue::plan {
namespace {

constexpr std::size_t longest_name = 63, room_for_mark = 10;

}  // namespace

// Long names are cut, never inside a character; and `a` + `b_c` reads as `a_b` + `c`: a few digits of what is meant
// keep them apart.
std::string own_mark(const std::string& name, const std::string& meant) {
  auto end = std::min(name.size(), longest_name - room_for_mark);
  while (end < name.size() && end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return name.substr(0, end) + "_" + fingerprint_of(meant).substr(0, 8);
}

std::string own_name(const Table& table, const std::string& name, const std::string& meant) {
  return pg::quote_name(table.schema, own_mark(name, meant));
}

std::string quoted_body(const std::string& body) {
  std::string tag = "$segue$";
  for (int number = 1; body.find(tag) != std::string::npos; ++number) tag = fmt::format("$segue{}$", number);
  return tag + body + tag;
}

SyncTrigger sync_trigger(const Table& table, const std::string& name, const std::string& column,
                         const std::string& declare, const std::string& body, const std::string& update_when) {
  SyncTrigger sync;
  sync.name = name;
  const auto meant = table.quoted() + "." + column;
  const bool first = name.front() == '!';
  const auto function =
      own_name(table, std::string(first ? "segue_in_" : "segue_sync_") + table.name + "_" + column, meant);
  const auto trigger = own_mark(name + "_" + column, meant);
  sync.replace = fmt::format(
      "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql SET search_path = {}, pg_temp AS {}", function,
      table.search_path.empty() ? pg::quote_name(table.schema) : table.search_path,
      quoted_body(fmt::format("\n#variable_conflict use_column\n{}BEGIN\n{}  RETURN NEW;\nEND\n", declare, body)));
  auto create = sync.replace;
  create.erase(create.find(" OR REPLACE"), std::string(" OR REPLACE").size());
  sync.create = {create};
  const auto add = [&](const std::string& trigger_name, const std::string& event, const std::string& when) {
    sync.create.push_back(fmt::format("CREATE TRIGGER {} BEFORE {} ON {} FOR EACH ROW {}EXECUTE FUNCTION {}()",
                                      pg::quote_name(trigger_name), event, table.quoted(),
                                      when.empty() ? "" : "WHEN (" + when + ") ", function));
    sync.drop.push_back(fmt::format("DROP TRIGGER {} ON {}", pg::quote_name(trigger_name), table.quoted()));
  };
  if (update_when.empty()) {
    add(trigger, "INSERT OR UPDATE", "");
  } else {
    add(trigger, "UPDATE", update_when);
    add(trigger + "i", "INSERT", "");
  }
  sync.drop.push_back(fmt::format("DROP FUNCTION {}()", function));
  return sync;
}

SyncTrigger wall_trigger(const Table& table) {
  const auto meant = table.quoted();
  const auto function = own_name(table, "segue_wall_" + table.name, meant);
  const auto trigger = pg::quote_name(wall_name);
  SyncTrigger wall;
  wall.name = wall_name;
  const auto body = fmt::format(
      "\nBEGIN\n  IF current_setting('segue.carries', true) IS DISTINCT FROM 'yes' THEN\n    RAISE EXCEPTION USING "
      "ERRCODE = 'read_only_sql_transaction', MESSAGE = {}, HINT = 'It takes writes again when that has ended.';\n  "
      "END "
      "IF;\n  RETURN NULL;\nEND\n",
      pg::quote_literal(table.display() + " takes no writes while segue changes its rows in place"));
  wall.create = {
      fmt::format("CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS {}", function, quoted_body(body)),
      fmt::format("CREATE TRIGGER {} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {} FOR EACH STATEMENT EXECUTE "
                  "FUNCTION {}()",
                  trigger, table.quoted(), function),
      // For what a subscription applies as well.
      fmt::format("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}", table.quoted(), trigger)};
  wall.drop = {fmt::format("DROP TRIGGER {} ON {}", trigger, table.quoted()),
               fmt::format("DROP FUNCTION {}()", function)};
  return wall;
}

std::string counter_of(const Table& table, const std::string& column) {
  return own_name(table, "segue_old_" + table.name + "_" + column, table.quoted() + "." + column);
}

}  // namespace segue::plan
