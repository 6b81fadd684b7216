#include "plan/moves/rename_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/bodies.h"

namespace segue::plan {
namespace {

using migration::Position;

constexpr int first_with_invoker_views = 150000;

constexpr const char* rights_sql = R"sql(
SELECT privilege_type, CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, is_grantable
FROM pg_class c, aclexplode(c.relacl) WHERE c.oid = to_regclass($1) AND grantee <> c.relowner
  AND privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') ORDER BY 2, 1)sql";

// Names that begin as the table's does, of what goes with it.
constexpr const char* parts_sql = R"sql(
SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'INDEX' END, c.relname FROM pg_class c
WHERE c.relkind IN ('i', 'S') AND starts_with(c.relname, $2)
  AND (EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = c.oid AND i.indrelid = to_regclass($1)
               AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.conrelid = i.indrelid))
    OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
               AND d.refobjid = to_regclass($1) AND d.deptype IN ('a', 'i') AND c.relkind = 'S'))
UNION ALL
SELECT 'CONSTRAINT', conname FROM pg_constraint k WHERE conrelid = to_regclass($1) AND starts_with(conname, $2)
  AND NOT (contype IN ('c', 'f', 'n') AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = conrelid AND a.attnum = ANY (conkey)
                                             AND a.attname = ANY ($3::text[])))
ORDER BY 1, 2)sql";

class Compiler {
 public:
  Compiler(Draft& draft, const migration::RenameMove& move, const Table& table, const Position& at)
      : draft_(draft), move_(move), table_(table), at_(at), view_(pg::quote_name(table.schema, move.to)) {}

  Status compile() {
    if (!TRY(can_be())) return {};
    TRY(add_view());
    TRY(swap());
    draft_.is_renamed(table_.quoted(), view_);
    draft_.plan.old_shape.push_back({OldName::Use::table, table_.quoted(), {}, {}});
    draft_.note("through-a-view",
                fmt::format("until the contract {} is a view of {}: COPY to it, TRUNCATE, ON CONFLICT ON CONSTRAINT, "
                            "MERGE before PostgreSQL 17, GROUP BY on its key and pg_get_serial_sequence do not go "
                            "through it",
                            move_.to.value, table_.display()),
                at_, "let the new application not use them before the contract");
    return {};
  }

 private:
  void refuse(const std::string& code, const std::string& message, const std::string& hint) {
    draft_.hazard(code, message, at_, hint);
  }

  Result<bool> can_be() {
    if (draft_.connection.server_version() < first_with_invoker_views) {
      refuse("needs-15", "on PostgreSQL 14 a view asks its owner's rights, and row level security would be gone round",
             "rename the table after the server has become 15 or newer");
      return false;
    }
    if (!draft_.plain(table_, at_)) return false;
    const auto taken =
        TRY(draft_.connection.query("SELECT to_regclass($1) IS NOT NULL OR to_regtype($1) IS NOT NULL", {view_}));
    if (taken.boolean(0, 0)) {
      refuse("name-taken", fmt::format("there is something called {} already", move_.to.value), "choose another name");
      return false;
    }
    const auto by_column =
        TRY(draft_.connection.query("SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = "
                                    "to_regclass($1) AND attacl IS "
                                    "NOT NULL AND NOT attisdropped",
                                    {table_.quoted()}));
    if (!by_column.is_null(0, 0)) {
      refuse("rights-by-column",
             fmt::format("rights on single columns of {} ({}) do not carry over to a view", table_.display(),
                         by_column.text(0, 0)),
             "give these roles rights on the table, or rename it without segue");
      return false;
    }
    for (const auto& other : draft_.file.moves) {
      const auto* tenancy = std::get_if<migration::TenancyMove>(&other.what);
      if (tenancy == nullptr) continue;
      for (const auto& one : tenancy->displace) {
        if (!table_.is_called(one.table)) continue;
        refuse("displaced-and-renamed",
               fmt::format("{} has a column that is displaced by this migration too", table_.display()),
               "rename the table in a migration of its own");
        return false;
      }
    }
    judge_dependents(draft_, TRY(catalog::dependents_of_table(draft_.connection, table_.quoted())), table_.display(),
                     {}, at_);
    return true;
  }

  // By the names of the columns that are there when it is made; what an earlier step adds is among them.
  Status add_view() {
    // The server writes the list of columns: others may have been added between plan and run.
    create_ = {
        fmt::format("CREATE VIEW {} WITH (security_invoker = true) AS SELECT * FROM {}", view_, table_.quoted())};
    const auto rights = TRY(draft_.connection.query(rights_sql, {table_.quoted()}));
    for (std::size_t row = 0; row < rights.size(); ++row) {
      create_.push_back(fmt::format("GRANT {} ON {} TO {}{}", rights.text(row, 0), view_, rights.text(row, 1),
                                    rights.boolean(row, 2) ? " WITH GRANT OPTION" : ""));
    }
    const auto user = TRY(draft_.connection.value("SELECT current_user"));
    if (user != table_.owner) {
      create_.push_back(fmt::format("ALTER VIEW {} OWNER TO {}", view_, pg::quote_name(table_.owner)));
    }
    auto made = step("create view", fmt::format("{} over {}", move_.to.value, table_.display()));
    made.up = transaction(create_, {{table_.quoted(), "ACCESS SHARE"}});
    made.down = {transaction({"DROP VIEW " + view_}, {{view_, "ACCESS EXCLUSIVE"}})};
    made.reason = "both names work until the contract; the old one stays the table";
    draft_.add(Phase::expand, Place::last, made);
    return {};
  }

  Status swap() {
    auto made = step("rename table", fmt::format("{} becomes {}", table_.display(), move_.to.value));
    const auto new_name = pg::quote_name(move_.to), old_name = pg::quote_name(table_.name);
    std::vector<std::string> up = {"DROP VIEW " + view_,
                                   fmt::format("ALTER TABLE {} RENAME TO {}", table_.quoted(), new_name)};
    std::vector<std::string> down;
    const auto parts = TRY(draft_.connection.query(parts_sql, {table_.quoted(), table_.name + "_", parked()}));
    for (std::size_t row = 0; row < parts.size(); ++row) {
      const auto kind = parts.string(row, 0), old_part = parts.string(row, 1);
      const auto new_part = pg::fit_name(move_.to.value + old_part.substr(table_.name.size()));
      const auto& taken = table_.index_names;
      if (kind != "CONSTRAINT" && std::find(taken.begin(), taken.end(), new_part) != taken.end()) continue;
      up.push_back(rename_part(kind, view_, old_part, new_part));
      down.push_back(rename_part(kind, view_, new_part, old_part));
    }
    std::reverse(down.begin(), down.end());
    down.push_back(fmt::format("ALTER TABLE {} RENAME TO {}", view_, old_name));
    down.insert(down.end(), create_.begin(), create_.end());
    made.up = transaction(up, {{table_.quoted(), "ACCESS EXCLUSIVE"}, {view_, "ACCESS EXCLUSIVE"}});
    made.down = {transaction(down, {{view_, "ACCESS EXCLUSIVE"}})};
    made.reason = "view and table change places in one transaction; the old application is gone";
    draft_.add(Phase::contract, Place::last, made);
    // A restore makes the view as soon as its name is free, while parked columns still bear their names; this one comes
    // when they have their own again.
    auto again = step("view's columns", fmt::format("{} by the names of {}", move_.to.value, table_.display()));
    std::vector<std::string> anew = {"DROP VIEW " + view_};
    anew.insert(anew.end(), create_.begin(), create_.end());
    again.down = {transaction(anew, {{view_, "ACCESS EXCLUSIVE"}})};
    again.reason = "nothing to do on the way up";
    draft_.add(Phase::contract, Place::first, again);
    return {};
  }

  // Columns that this migration parks: what is checked of them is gone by then.
  std::vector<std::string> parked() const {
    std::vector<std::string> columns;
    const auto add = [&](const migration::Text& table, const migration::Text& column) {
      if (table_.is_called(table) && !column.empty()) columns.push_back(column);
    };
    for (const auto& other : draft_.file.moves) {
      if (const auto* convert = std::get_if<migration::ConvertMove>(&other.what)) add(convert->table, convert->column);
      if (const auto* rename = std::get_if<migration::RenameMove>(&other.what)) add(rename->table, rename->column);
      if (const auto* one = std::get_if<migration::JunctionMove>(&other.what)) add(one->from_table, one->from_column);
      const auto* retire = std::get_if<migration::RetireMove>(&other.what);
      for (std::size_t at = 0; retire != nullptr && at < retire->columns.size(); ++at) {
        add(retire->table, retire->columns[at]);
      }
    }
    return columns;
  }

  std::string rename_part(const std::string& kind, const std::string& table, const std::string& from,
                          const std::string& to) const {
    if (kind == "CONSTRAINT") {
      return fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", table, pg::quote_name(from), pg::quote_name(to));
    }
    return fmt::format("ALTER {} {} RENAME TO {}", kind, pg::quote_name(table_.schema, from), pg::quote_name(to));
  }

  Step step(std::string kind, std::string title) const {
    return named_step("rename " + table_.display(), std::move(kind), std::move(title));
  }

  Draft& draft_;
  const migration::RenameMove& move_;
  const Table& table_;
  const Position& at_;
  std::string view_;
  std::vector<std::string> create_;
};

}  // namespace

Status rename_table(Draft& draft, const migration::RenameMove& move, const Table& table, const Position& at) {
  return Compiler(draft, move, table, at).compile();
}

}  // namespace segue::plan
